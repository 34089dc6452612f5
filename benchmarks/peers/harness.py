#!/usr/bin/env python3
"""Times our library and a peer in turns and prints the ratios of the pairs: bash benchmarks/run.sh peers does the rest.

usage: harness.py --data FOLDER --out FILE --ours COMMAND --peer NAME=COMMAND ... [--only TEXT] [--threads N] [--pairs N] [--check --double COMMAND]
"""
import argparse
import array
import csv
import json
import math
import os
import shlex
import statistics
import subprocess
import sys
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from workloads import ALONE, NETS, comparisons

BATCH_SECONDS = 0.25   # of the timed batches of calls; a longer call is a batch of its own
DOUBLE = 1e-8          # how far off steps in double precision may be
PAUSE_SECONDS = 0.02   # between batches: idle threads of the other side stop spinning


class Failed(Exception):
    pass


class Side:
    """A server: a process that says who it is, then answers lines by lines of JSON."""

    def __init__(self, command, threads):
        environment = dict(os.environ, OMP_NUM_THREADS=str(threads), OPENBLAS_NUM_THREADS=str(threads), MKL_NUM_THREADS=str(threads))
        for name in ("OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE"):   # they slow a current numpy
            environment.pop(name, None)
        self.label, self.threads = command[0], threads
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1, env=environment)
        self.label = self.read()["peer"]

    def read(self):
        line = self.process.stdout.readline()
        if not line:
            raise Failed(f"{self.label} ended with status {self.process.wait()}")
        answer = json.loads(line)
        if "error" in answer:
            raise Failed(f"{self.label}: {answer['error']}")
        return answer

    def ask(self, *words):
        self.process.stdin.write(" ".join(map(str, words)) + "\n")
        return self.read()

    def batch(self, name, count=1, index=0):
        """Seconds and processor seconds of one call, and a note."""
        time.sleep(PAUSE_SECONDS)
        return self.ask("time", name, self.threads, count, index)

    def calls_a_batch(self, name):
        """Warms up, and finds how many calls fill a batch."""
        count = 1
        while True:
            seconds = self.batch(name, count)["seconds"]
            if seconds * count >= BATCH_SECONDS / 4:
                return max(1, round(BATCH_SECONDS / seconds))
            count = max(2 * count, min(100 * count, int(BATCH_SECONDS / 4 / max(seconds, 1e-9)) + 1))

    def close(self):
        self.process.stdin.close()
        self.process.wait()


def quartiles(values):
    q1, q2, q3 = statistics.quantiles(values, n=4, method="inclusive")
    return q1, q2, q3


def computed(side, c, name, data, *words):
    """Losses apart from the rest: a large one would hide it."""
    numbers = array.array("d")
    with open(os.path.join(data, side.ask(words[0], name, *words[1:])["file"] + ".bin"), "rb") as f:
        numbers.frombytes(f.read())
    return {"losses": numbers[:c.losses], c.what: numbers[c.losses:]} if c.losses else {c.what: numbers}


def off(numbers, reference, peer):
    """The largest difference over the root mean square of the reference."""
    if len(numbers) != len(reference):
        raise Failed(f"{len(numbers)} numbers here, {len(reference)} of {peer.label}")
    if not all(map(math.isfinite, numbers)):   # a maximum would pass over them
        return math.inf
    rms = math.sqrt(sum(y * y for y in reference) / len(reference))
    return max(abs(x - y) for x, y in zip(numbers, reference)) / (rms or 1)


def checks(ours, peer, key, c, data):
    """Whatever both sides compute: its name, how far ours is off, how far it may be."""
    words = ["ours"] if key == NETS else []
    reference, numbers = computed(peer, c, c.beside, data, "check", *words), computed(ours, c, c.name, data, "check", *words)
    for what in reference:
        if reference[what]:
            yield what, off(numbers[what], reference[what], peer), c.limit(what)


def more_checks(ours, double, peer, c, data):
    """Of a network beside PyTorch: predictions with the weights that PyTorch wrote; training steps in double precision on both sides."""
    side, words, limit = (double, ("exact",), DOUBLE) if c.losses else (ours, ("check", "theirs"), c.tolerance)
    reference = computed(peer, c, c.beside, data, *words)
    numbers = computed(side, c, c.name, data, "check", "ours" if c.losses else "theirs")
    for what in reference:
        yield what + (" in double" if c.losses else " with its weights"), off(numbers[what], reference[what], peer), limit


def checked(ours, peer, key, c, data):
    for what, error, tolerance in checks(ours, peer, key, c, data):
        if not error <= tolerance:   # not a number, too
            raise Failed(f"{what} off by {error:.2g} of the rms of {peer.label}, more than {tolerance:g}")


def show_checks(c, peer, found):
    """One line; whether nothing was missed."""
    met = all(error <= tolerance for _, error, tolerance in found)
    parts = "; ".join(f"{what} {error:.1e} of {tolerance:.1e}" for what, error, tolerance in found) or "random numbers of their own"
    print(f"{c.name:38s} {peer.label:20s} {'met' if met else 'missed':6s}  {parts}", flush=True)
    return met


def in_turns(sides, pairs):
    """The batches of each of (side, name), in the order of the pairs."""
    counts = [side.calls_a_batch(name) for side, name in sides]
    rows = [[side.batch(name, count, i) for (side, name), count in zip(sides, counts)] for i in range(pairs)]
    return list(zip(*rows))


def shown(seconds):
    for unit, scale in (("s", 1), ("ms", 1e3), ("us", 1e6)):
        if seconds * scale >= 1:
            return f"{seconds * scale:.3g} {unit}"
    return f"{seconds * 1e9:.3g} ns"


class Machine:
    """The peaks of this machine with so many threads, measured between the comparisons: the best seen."""

    def __init__(self, ours):
        self.best = {}
        self.measure(ours)

    def measure(self, ours):
        for name in ("fma_float", "fma_double", "triad"):
            for _ in range(3):
                answer = ours.batch("machine/" + name)
                self.best[name] = max(self.best.get(name, 0), float(answer["note"]) / answer["seconds"])

    def unit(self, name):
        return "GB/s" if name == "triad" else "GF/s"


FIELDS = ("workload,backend,threads,ours_s,peer,peer_s,ratio,ratio_q1,ratio_q3,ratio_cpu,ours_q1_s,ours_q3_s,ours_cpu_s,peer_q1_s,peer_q3_s,peer_cpu_s,pairs,"
          "achieved,unit,machine_peak,least,least_share,met,ours_bytes,peer_bytes,bytes_met,ours_note,peer_note").split(",")


def times(side, batches):
    """Columns of one side: quartiles of the seconds of a call, and the least processor time."""
    q1, q2, q3 = quartiles([b["seconds"] for b in batches])
    return {side + "_s": q2, side + "_q1_s": q1, side + "_q3_s": q3, side + "_cpu_s": min(b["cpu"] for b in batches),
            side + "_bytes": max(b.get("bytes", 0) for b in batches), side + "_note": "; ".join(dict.fromkeys(b["note"] for b in batches))}


def compare(c, ours, peer, key, machine, pairs):
    batches = in_turns([(ours, c.name), (peer, c.beside)] if peer else [(ours, c.name)], max(pairs, c.pairs))
    machine.measure(ours)
    row = dict(workload=c.name, backend=c.backend, threads=ours.threads, pairs=len(batches[0]), **times("ours", batches[0]))
    if peer:
        row.update(peer=peer.label, **times("peer", batches[1]))
        r1, _, r3 = quartiles([b["seconds"] / a["seconds"] for a, b in zip(*batches)])
        row.update(ratio=row["peer_s"] / row["ours_s"], ratio_q1=r1, ratio_q3=r3)
        if ours.threads == 1:   # the time of one processor, whatever else the machine does
            row.update(ratio_cpu=row["peer_cpu_s"] / row["ours_cpu_s"])
        if c.least_memory and row["ours_bytes"] and row["peer_bytes"]:
            row.update(bytes_met="met" if row["ours_bytes"] <= row["peer_bytes"] else "missed")
    if c.work:
        amount, peak = c.work
        row.update(achieved=amount / row["ours_s"] / 1e9, unit=machine.unit(peak), machine_peak=machine.best[peak] / 1e9)
    if key in c.least:
        row.update(least=c.least[key], met="met" if r1 >= c.least[key] else "missed")
    if c.share_of_peak:
        share = row["achieved"] / row["machine_peak"]
        row.update(share=share, least_share=c.share_of_peak, met="missed" if share < c.share_of_peak else row.get("met", "met"))
    return row


def show(row):
    peer = f"{shown(row['peer_s']):>9s} {row['ratio']:7.2f} {row['ratio_q1']:7.2f} {row['ratio_q3']:7.2f}" if "peer" in row else " " * 33
    cpu = f"{row['ratio_cpu']:7.2f}" if "ratio_cpu" in row else " " * 7
    rate = f"{row['achieved']:.0f} of {row['machine_peak']:.0f} {row['unit']}" if "achieved" in row else ""
    wanted = [f"{row['least']:g}"] if "least" in row else []
    if "share" in row:
        wanted.append(f"{row['least_share']:.0%} of peak, here {row['share']:.0%}")
    verdict = f"{row['met']} (least {', '.join(wanted)})" if wanted else ""
    print(f"{row['workload']:38s} {row.get('peer', ''):20s} {row['threads']:2d} {shown(row['ours_s']):>9s} {peer} {cpu}  {rate:20s} {verdict}".rstrip(), flush=True)
    if row["ours_bytes"] and row.get("peer_bytes"):
        verdict = f": {row['bytes_met']}" if "bytes_met" in row else ""
        print(f"    memory: ours {row['ours_bytes'] / 2**20:.1f} MiB, {row['peer']} {row['peer_bytes'] / 2**20:.1f}{verdict}")
    for side in ("ours_note", "peer_note"):
        if row.get(side):
            print(f"    {side.split('_')[0]}: {row[side]}")


def write(path, rows):
    with open(path, "w", newline="") as f:
        writer = csv.DictWriter(f, FIELDS, restval="", extrasaction="ignore")
        writer.writeheader()
        for row in rows:
            writer.writerow({k: f"{v:.6g}" if isinstance(v, float) else v for k, v in row.items()})


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", required=True)
    parser.add_argument("--out", required=True)
    parser.add_argument("--ours", required=True)
    parser.add_argument("--double", help="ours in double precision, for --check")
    parser.add_argument("--peer", action="append", default=[])
    parser.add_argument("--only", default="")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--pairs", type=int, default=9)
    parser.add_argument("--check", action="store_true")
    args = parser.parse_args()
    if args.pairs < 2:
        parser.error("quartiles want at least two pairs")
    commands = dict(p.split("=", 1) for p in args.peer)
    chosen = [(c, key) for c in comparisons if args.only in c.name for key in c.peers if key in commands or key == ALONE]
    chosen = [(c, key) for c, key in chosen if (key != ALONE if args.check else not c.check_only)]
    if not chosen:
        print(f"no comparison with '{args.only}' in its name has a peer here")
        return 1
    os.makedirs(args.data, exist_ok=True)
    sides, machines, rows, failures = {}, {}, [], 0

    def side(key, threads):
        if (key, threads) not in sides:
            command = shlex.split({"ours": args.ours, "double": args.double}.get(key) or commands[key]) + [args.data]
            sides[key, threads] = Side(command, threads)
        return sides[key, threads]

    if args.check:
        print(f"{'workload':38s} {'peer':20s}         largest difference of the reference's rms, and the limit", flush=True)
    else:
        print(f"{'workload':38s} {'peer':20s} {'on':>2s} {'ours':>9s} {'peer':>9s} {'ratio':>7s} {'q1':>7s} {'q3':>7s} {'cpu':>7s}  achieved, of peak", flush=True)
    for c, key in chosen:
        threads = c.threads or args.threads
        try:
            ours, peer = side("ours", threads), None if key == ALONE else side(key, threads)
            ours.ask("data", c.name)
            if args.check:
                found = list(checks(ours, peer, key, c, args.data))
                if key == NETS:
                    found += more_checks(ours, side("double", threads) if c.losses else None, peer, c, args.data)
                failures += not show_checks(c, peer, found)
                continue
            if peer:
                checked(ours, peer, key, c, args.data)
            if threads not in machines:
                machines[threads] = Machine(ours)
            rows.append(compare(c, ours, peer, key, machines[threads], args.pairs))
            show(rows[-1])
            write(args.out, rows)
        except Failed as e:
            failures += 1
            print(f"{c.name:38s} {key:20s} FAILED: {e}", flush=True)
    for s in sides.values():
        s.close()
    if rows:
        print(f"written: {args.out}")
    missed = [f"{r['workload']} beside {r.get('peer', 'nobody')}" for r in rows if "missed" in (r.get("met"), r.get("bytes_met"))]
    if missed and not args.only:
        print(f"missed: {', '.join(missed)}")
    return 1 if failures or (missed and not args.only) else 0


if __name__ == "__main__":
    sys.exit(main())
