#!/usr/bin/env python3
"""benchmarks/out/peers.csv as the table of docs/benchmarks/peers.md, with date, machine and compiler: table.py [FILE ...]"""
import csv
import datetime
import platform
import subprocess
import sys


def shown(seconds):
    for unit, scale in (("s", 1), ("ms", 1e3), ("us", 1e6)):
        if float(seconds) * scale >= 1:
            return f"{float(seconds) * scale:.3g} {unit}"
    return f"{float(seconds) * 1e9:.3g} ns"


def processor():
    with open("/proc/cpuinfo") as f:
        names = [line.split(":", 1)[1].strip() for line in f if line.startswith("model name")]
    return f"{names[0] if names else platform.machine()}, {len(names)} cores"


compiler = subprocess.run(["g++", "--version"], capture_output=True, text=True).stdout.splitlines()[0]
print(f"{datetime.date.today()}, {processor()}, {compiler}.\n")
print("| workload | threads | ours | beside | its time | ratio (quartiles) | processor time | achieved | least | memory |")
print("|---|---|---|---|---|---|---|---|---|---|")
for path in sys.argv[1:] or ["benchmarks/out/peers.csv"]:
    with open(path, newline="") as f:
        for r in csv.DictReader(f):
            ratio = f"{float(r['ratio']):.2f} ({float(r['ratio_q1']):.2f}-{float(r['ratio_q3']):.2f})" if r["ratio"] else ""
            cpu = f"{float(r['ratio_cpu']):.2f}" if r["ratio_cpu"] else ""
            rate = f"{float(r['achieved']):.0f} of {float(r['machine_peak']):.0f} {r['unit']}" if r["achieved"] else ""
            least = ", ".join(filter(None, [r["least"], f"{float(r['least_share']):.0%} of peak" if r["least_share"] else ""]))
            held = f"{float(r['ours_bytes']) / 2**20:.1f} of {float(r['peer_bytes']) / 2**20:.1f} MiB" if float(r["ours_bytes"] or 0) and float(r["peer_bytes"] or 0) else ""
            memory = ": ".join(filter(None, [held, r["bytes_met"]]))
            print(f"| {r['workload']} | {r['threads']} | {shown(r['ours_s'])} | {r['peer']} | {shown(r['peer_s']) if r['peer_s'] else ''} | {ratio} | {cpu} | {rate} "
                  f"| {least}{': ' + r['met'] if r['met'] else ''} | {memory} |")
