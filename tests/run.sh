#!/usr/bin/env bash
# Builds and runs the tests: bash tests/run.sh [--no-install] [--preset dev|clang|asan] [--matrix default|full] [--only TEXT]
# The last line is "N passed, N failed" (", N skipped" follows if any were); the exit code is not zero if any failed or none ran.
set -uo pipefail
cd "$(dirname "$0")/.."
preset=dev matrix=default only=""
while [ $# -gt 0 ]; do
  case "$1" in
    --no-install) export COSMOML_NO_INSTALL=1; shift ;;
    --preset) preset=$2; shift 2 ;;
    --matrix) matrix=$2; shift 2 ;;
    --only) only=$2; shift 2 ;;
    *) echo "usage: bash tests/run.sh [--no-install] [--preset dev|clang|asan] [--matrix default|full] [--only TEXT]"; exit 2 ;;
  esac
done
. tests/support/setup.sh
compiler=""
[ "$preset" = clang ] && compiler="clang-16 libomp-16-dev"
everything=""
[ "$matrix" = full ] && everything="libxtensor-blas-dev libopenblas-pthread-dev libtbb-dev"
need $build_tools doctest-dev zlib1g-dev libhdf5-dev libcfitsio-dev libeigen3-dev libxtensor-dev xtl-dev nlohmann-json3-dev $(thrust_package) $compiler $everything
build=build/$preset
log=$(mktemp)
if ! cmake --preset "$preset" -DCOSMOML_TEST_MATRIX="$matrix" >"$log" 2>&1; then cat "$log"; rm -f "$log"; echo "0 passed, 1 failed"; exit 1; fi
rm -f "$log"
# -k 0: what builds is run even if something else does not build
cmake --build "$build" -j "$(jobs)" -- -k 0 | grep -vE '^\[[0-9]+/[0-9]+\] (Building|Linking)|ninja: no work' || true
export OMP_NUM_THREADS=1
passed=0 failed=0 skipped=0
while read -r test; do
  case "$test" in *"$only"*) ;; *) continue ;; esac
  if [ ! -x "$build/tests/$test" ]; then
    echo "FAILED $test: it was not built"
    failed=$((failed + 1))
    continue
  fi
  output=$("$build/tests/$test" 2>&1)
  status=$?
  counts=$(sed -n 's/\x1b\[[0-9;]*m//g; s/.*test cases: *\([0-9]*\) | *\([0-9]*\) passed | *\([0-9]*\) failed.*/\2 \3/p' <<<"$output" | tail -n 1)
  quiet=$(grep -c '^skipped: ' <<<"$output")
  skipped=$((skipped + quiet))
  [ "$quiet" -gt 0 ] && grep '^skipped: ' <<<"$output"
  if [ -z "$counts" ]; then
    echo "FAILED $test: it ended with status $status before its summary"
    echo "$output" | tail -n 30
    failed=$((failed + 1))
    continue
  fi
  read -r p f <<<"$counts"
  passed=$((passed + p))
  failed=$((failed + f))
  if [ "$f" -gt 0 ] || [ "$status" -ne 0 ]; then
    echo "FAILED $test"
    echo "$output"
    [ "$f" -eq 0 ] && failed=$((failed + 1))
  fi
done <"$build/tests/list.txt"
if [ "$skipped" -gt 0 ]; then echo "$passed passed, $failed failed, $skipped skipped"; else echo "$passed passed, $failed failed"; fi
[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
