#!/usr/bin/env bash
# The kernels at each width of x86-64: SSE2 (16 bytes), AVX2 (32) and AVX-512 (two of 32 in a register, and 64), built for that target whatever the machine is, and run
# where the machine has it. Where Debian's cross compiler for aarch64 is installed, NEON is compiled too, and the laws of the backend run if
# qemu-aarch64 is at hand (functions and convolutions do not: their judges take minutes there).
# Ends with "N passed, N failed".
cd "$(dirname "$0")/../.." || exit 1
. tests/support/setup.sh
need $build_tools doctest-dev
compiler=${CXX:-g++}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
has() { for flag in "$@"; do grep -qw "$flag" /proc/cpuinfo 2>/dev/null || return 1; done; }
# one TEST NAME COMPILER RUNNER FLAGS...: RUNNER is "-" where the machine cannot run it; says in one file how it went
one() {
  local test=$1 name=$2 with=$3 runner=$4 here
  shift 4
  here=$(mktemp -d -p "$work")
  [ "$test$runner" = kernels/pointwiseenv ] && set -- "$@" -fsanitize=address   # how much scratch memory its passes touch hangs on the width
  if ! $with -std=c++20 -O1 -w "$@" -Iinclude -Itests -DCOSMOML_TESTS="\"$PWD/tests\"" -DCOSMOML_TEST_BACKEND_native_float -DDOCTEST_CONFIG_IMPLEMENT_WITH_MAIN \
    tests/$test.cpp -o "$here/test" 2>"$here/log"; then
    { echo "FAILED $name: $test does not compile"; head -5 "$here/log"; } >"$here/result"
  elif [ "$runner" = - ] || { [ "$test" != laws/backends ] && [ "${runner%% *}" = qemu-aarch64 ]; }; then echo "skipped: $name: $test is built and not run" >"$here/result"
  elif $runner "$here/test" >"$here/log" 2>&1; then echo "passed" >"$here/result"
  else { echo "FAILED $name: $test"; tail -20 "$here/log"; } >"$here/result"; fi
}
at_once=$(jobs) running=0
check() {
  for test in kernels/winograd kernels/batch_in_vector kernels/pointwise kernels/product kernels/functions laws/backends; do
    if [ "$running" -ge "$at_once" ]; then wait -n; running=$((running - 1)); fi
    one "$test" "$@" &
    running=$((running + 1))
  done
}
if [ "$(uname -m)" = x86_64 ]; then
  check "SSE2, 16 bytes" "$compiler" env -march=x86-64
  if has avx2 fma; then check "AVX2, 32 bytes" "$compiler" env -march=x86-64-v3; else check "AVX2, 32 bytes" "$compiler" - -march=x86-64-v3; fi
  if has avx512f avx512vl avx512bw avx512dq; then run=env; else run=-; fi
  check "AVX-512, 32 bytes" "$compiler" $run -march=x86-64-v4
  check "AVX-512, 64 bytes" "$compiler" $run -march=x86-64-v4 -DCOSMOML_VECTOR_BYTES=64
fi
if command -v aarch64-linux-gnu-g++ >/dev/null; then
  if command -v qemu-aarch64 >/dev/null; then run="qemu-aarch64 -L /usr/aarch64-linux-gnu"; else run=-; fi
  check "NEON, 16 bytes" aarch64-linux-gnu-g++ "$run" -idirafter /usr/include
else echo "skipped: NEON: no aarch64-linux-gnu-g++"; fi
wait
passed=0 failed=0
for result in "$work"/*/result; do
  if grep -q '^FAILED' "$result"; then cat "$result"; failed=$((failed + 1)); else grep '^skipped' "$result"; passed=$((passed + 1)); fi
done
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
