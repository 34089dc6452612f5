#!/usr/bin/env bash
# Mixtures and mutual information beside scikit-learn and gmm-mi, on the same data and two threads, with ratios at the end.
# usage: bash benchmarks/peers/gmm/run.sh [PYTHON with numpy and scikit-learn] [PYTHON with gmm-mi]
set -euo pipefail
cd "$(dirname "$0")/../../.."
python=${1:-python3}
reference=${2:-}
out=benchmarks/out/gmm
mkdir -p "$out"
g++ -std=c++20 -O3 -march=native -mtune=generic -fno-math-errno -fopenmp -Iinclude benchmarks/peers/gmm/main.cpp -o "$out/gmm"
"$python" benchmarks/peers/gmm/peer.py data "$out"
{
  "$out/gmm" "$out" 2
  "$out/gmm" "$out" 1
  "$python" benchmarks/peers/gmm/peer.py sklearn "$out" 2
  if [ -n "$reference" ]; then "$reference" benchmarks/peers/gmm/peer.py gmm_mi "$out"; fi
} | tee "$out/results.jsonl"
"$python" - "$out/results.jsonl" <<'PYTHON'
import json, sys, statistics
rows = [json.loads(line) for line in open(sys.argv[1])]
ours, peers, one = {}, {}, {}
for r in rows:
    to = peers if r["library"] != "cosmoml" else ours if r["threads"] == 2 else one
    to.setdefault(r["workload"], []).append(r["median_s"])
print(f"\n{'workload':40s} {'ours, 2':>10s} {'ours, 1':>10s} {'threads':>8s} {'peer':>10s} {'ratio':>7s}")
for name, t in ours.items():
    a, b = statistics.median(t), statistics.median(one[name])
    p = statistics.median(peers[name]) if name in peers else None
    print(f"{name:40s} {a*1e3:8.2f}ms {b*1e3:8.2f}ms {b/a:8.2f} " + (f"{p*1e3:8.0f}ms {p/a:7.1f}" if p else ""))
PYTHON
