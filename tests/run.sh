#!/usr/bin/env bash
# Builds and runs the tests:
#   bash tests/run.sh [--no-install] [--preset dev|clang|asan|tsan] [--backends default|full|untyped|LIST] [--cuda none|laws|all] [--only REGEX] [--except REGEX]
# --backends eigen_float,xtensor_double   the typed tests on these alone; untyped: the others; full: all tests on all
# --cuda laws|all                         nvcc's twins alone: of the laws of backends and a training step, or of every typed test. A plain run takes the laws where there is a device.
# --only REGEX, --except REGEX            the programs whose name it matches, or does not
# COSMOML_JOBS=1                          in the environment: so many compilers and programs at once, here and in the other scripts
# The last line is "N passed, N failed" (", N skipped" follows if any were); the exit code is not zero if any failed or none ran.
set -uo pipefail
cd "$(dirname "$0")/.."
preset=dev backends=default cuda="" only="" except="^$"
while [ $# -gt 0 ]; do
  case "$1" in
    --no-install) export COSMOML_NO_INSTALL=1; shift ;;
    --preset) preset=$2; shift 2 ;;
    --backends) backends=$2; shift 2 ;;
    --cuda) cuda=$2 backends=none; shift 2 ;;
    --only) only=$2; shift 2 ;;
    --except) except=$2; shift 2 ;;
    *) sed -n '2,8p' "$0" | cut -c3-; exit 2 ;;
  esac
done
. tests/support/setup.sh
[ -n "$cuda" ] || { cuda=none; [ "$backends" != default ] || ! nvidia-smi -L >/dev/null 2>&1 || cuda=laws; }
more=""
case "$preset" in clang) more="clang-16 libomp-16-dev" ;; tsan) more="clang-16 libclang-rt-16-dev libomp-16-dev" ;; esac
case "$backends" in *xtensor*|full) more="$more libxtensor-blas-dev libopenblas-pthread-dev" ;; esac
case "$backends" in *tbb*|full) more="$more libtbb-dev" ;; esac
need $build_tools doctest-dev zlib1g-dev libhdf5-dev libcfitsio-dev libeigen3-dev libxtensor-dev xtl-dev nlohmann-json3-dev $(thrust_package) $more
build=build/$preset
log=$(mktemp)
results=$(mktemp -d)
trap 'rm -rf "$log" "$results"' EXIT
with_cuda=ON
[ "$cuda" = none ] && with_cuda=OFF
if ! cmake --preset "$preset" -DCOSMOML_TEST_BACKENDS="${backends//,/;}" -DCOSMOML_TEST_CUDA="$cuda" -DCOSMOML_BUILD_CUDA=$with_cuda >"$log" 2>&1; then cat "$log"; echo "0 passed, 1 failed"; exit 1; fi
list=$(grep -E -- "$only" "$build/tests/list.txt" | grep -vE -- "$except")
if [ -z "$list" ] && [ "$backends" = none ] && [ -z "$only" ]; then
  echo "skipped: there is no nvcc, which compiles the tests of --cuda $cuda"
  echo "0 passed, 0 failed, 1 skipped"
  exit 0
fi
[ -n "$list" ] || { echo "no program is called so: $only"; echo "0 passed, 1 failed"; exit 1; }
# -k 0: what builds is run even if something else does not build
cmake --build "$build" -j "$(jobs)" --target $list -- -k 0 | grep -vE '^\[[0-9]+/[0-9]+\] (Building|Linking)|ninja: no work'
built=${PIPESTATUS[0]}
export OMP_NUM_THREADS=1 build results
# LLVM's OpenMP runtime is not compiled for the thread sanitizer: its Archer tells the sanitizer what waits for what, and what its own mutexes do is passed over.
if [ "$preset" = tsan ]; then
  archer=$(ls /usr/lib/llvm-16/lib/libarcher.so 2>/dev/null)
  export OMP_NUM_THREADS=3 OMP_TOOL_LIBRARIES=$archer TSAN_OPTIONS="ignore_noninstrumented_modules=1 ${TSAN_OPTIONS:-}"
fi
run_one() {
  [ -x "$build/tests/$1" ] || return 0
  "$build/tests/$1" >"$results/$1" 2>&1
  echo $? >"$results/$1.status"
}
export -f run_one
xargs -P "${COSMOML_JOBS:-$(nproc)}" -I{} bash -c 'run_one {}' <<<"$list"
passed=0 failed=0 skipped=0
for test in $list; do
  if [ ! -x "$build/tests/$test" ]; then
    echo "FAILED $test: it was not built"
    failed=$((failed + 1))
    continue
  fi
  status=$(cat "$results/$test.status")
  counts=$(sed -n 's/\x1b\[[0-9;]*m//g; s/.*test cases: *\([0-9]*\) | *\([0-9]*\) passed | *\([0-9]*\) failed.*/\2 \3/p' "$results/$test" | tail -n 1)
  quiet=$(grep -c '^skipped: ' "$results/$test")
  skipped=$((skipped + quiet))
  [ "$quiet" -gt 0 ] && grep '^skipped: ' "$results/$test"
  if [ -z "$counts" ]; then
    echo "FAILED $test: it ended with status $status before its summary"
    tail -n 30 "$results/$test"
    failed=$((failed + 1))
    continue
  fi
  read -r p f <<<"$counts"
  passed=$((passed + p))
  failed=$((failed + f))
  if [ "$f" -gt 0 ] || [ "$status" -ne 0 ]; then
    echo "FAILED $test"
    cat "$results/$test"
    [ "$f" -eq 0 ] && failed=$((failed + 1))
  fi
done
[ "$built" -ne 0 ] && [ "$failed" -eq 0 ] && { echo "FAILED: something did not build"; failed=1; }   # an older program may have run in its place
if [ "$skipped" -gt 0 ]; then echo "$passed passed, $failed failed, $skipped skipped"; else echo "$passed passed, $failed failed"; fi
[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
