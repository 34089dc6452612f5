#!/usr/bin/env bash
# Runs benchmarks: bash benchmarks/run.sh [--no-install] [micro|models|peers|compile|accuracy] [--only TEXT] [options of peers]
# Without a name: micro, models and compile. Results go to benchmarks/out/ as JSON and CSV as well.
#   micro    single primitives, with GFLOP/s or GB/s where that says something
#   models   training steps and predictions of the papers' networks
#   peers    beside other libraries, in turns, with ratios: benchmarks/peers/run.sh says which options it takes
#   compile  what the headers cost a compiler, against a budget
#   accuracy Winograd's convolutions against double at the papers' full shapes; takes minutes
set -uo pipefail
cd "$(dirname "$0")/.."
kinds="" only="" peer_options=()
while [ $# -gt 0 ]; do
  case "$1" in
    --no-install) export COSMOML_NO_INSTALL=1; shift ;;
    --only) only=$2; shift 2 ;;
    micro|models|peers|compile|accuracy) kinds="$kinds $1"; shift ;;
    --check|--no-python) peer_options+=("$1"); shift ;;
    --threads|--pairs|--python|--rltools|--rtneural|--mlpack) peer_options+=("$1" "$2"); shift 2 ;;
    *) sed -n '2,8p' "$0" | cut -c3-; exit 2 ;;
  esac
done
[ -n "$kinds" ] || kinds="micro models compile"
. tests/support/setup.sh
models_of_all=""
case " $kinds " in *" models "*) models_of_all="libeigen3-dev libxtensor-dev libxtensor-blas-dev xtl-dev libopenblas-pthread-dev libtbb-dev $(thrust_package)" ;; esac
need $build_tools libbenchmark-dev nlohmann-json3-dev zlib1g-dev $models_of_all
mkdir -p benchmarks/out || exit 1
status=0
for kind in $kinds; do
  case $kind in
    micro|models)
      log=$(mktemp)
      if ! { cmake --preset bench && cmake --build build/bench -j "$(jobs)"; } >"$log" 2>&1; then cat "$log"; rm -f "$log"; exit 1; fi
      rm -f "$log"
      ran=0
      for program in build/bench/benchmarks/bench_"$kind"_*; do
        case "$program" in *.o|*.d) continue ;; esac
        if [ -n "$only" ] && ! "$program" --benchmark_list_tests 2>/dev/null | grep -q -- "$only"; then continue; fi
        OMP_NUM_THREADS=${OMP_NUM_THREADS:-1} OPENBLAS_NUM_THREADS=${OMP_NUM_THREADS:-1} "$program" --benchmark_filter="${only:-.}" --benchmark_counters_tabular=true \
          --benchmark_out_format=json --benchmark_out="benchmarks/out/$(basename "$program").json" 2>&1 | grep -v '^\*\*\*WARNING' || status=1
        ran=1
      done
      [ "$ran" = 1 ] || { echo "no $kind benchmark has '$only' in its name"; status=1; } ;;
    accuracy)
      log=$(mktemp)
      if ! { cmake --preset bench && cmake --build build/bench --target bench_accuracy_winograd; } >"$log" 2>&1; then cat "$log"; rm -f "$log"; exit 1; fi
      rm -f "$log"
      build/bench/benchmarks/bench_accuracy_winograd || status=1 ;;
    compile) bash benchmarks/compile/run.sh "$only" || status=1 ;;
    peers) bash benchmarks/peers/run.sh --only "$only" "${peer_options[@]}" || status=1 ;;
  esac
done
exit $status
