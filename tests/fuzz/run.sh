#!/usr/bin/env bash
# Fuzzes the readers of our own formats: bash tests/fuzz/run.sh [--seconds N] [FORMAT ...]
# Each runs over its corpus and then for N seconds (default 2) on inputs that libFuzzer makes, with the address and undefined-behaviour sanitizers.
# Every single request for memory may be 64 MB at most, inputs are of a few kilobytes: who believes a header before it has looked is found.
# What it finds is kept in build/fuzz/findings. The last line is "N passed, N failed".
cd "$(dirname "$0")/../.." || exit 1
seconds=2 formats=()
while [ $# -gt 0 ]; do
  case "$1" in
    --seconds) seconds=$2; shift 2 ;;
    -*) sed -n '2,5p' "$0" | cut -c3-; exit 2 ;;
    *) formats+=("$1"); shift ;;
  esac
done
[ ${#formats[@]} -gt 0 ] || formats=(npy npz idx cifar csv safetensors checkpoint)
. tests/support/setup.sh
need clang-16 libclang-rt-16-dev ccache zlib1g-dev
out=build/fuzz
mkdir -p "$out/findings"
export ASAN_OPTIONS=allocator_may_return_null=0
passed=0 failed=0
for format in "${formats[@]}"; do
  target=$out/$format
  if ! ccache clang++-16 -std=c++20 -O1 -g -Iinclude -fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=all -c "tests/fuzz/$format.cpp" -o "$target.o" ||
     ! clang++-16 -fsanitize=fuzzer,address,undefined "$target.o" -lz -o "$target"; then
    echo "FAILED $format: it does not compile"
    failed=$((failed + 1))
    continue
  fi
  mkdir -p "$out/corpus/$format"
  length=4096
  [ "$format" = checkpoint ] && length=8192
  log=$out/$format.log
  if "$target" -max_total_time="$seconds" -max_len=$length -rss_limit_mb=2048 -malloc_limit_mb=64 -timeout=10 -print_final_stats=1 \
      -artifact_prefix="$out/findings/$format-" "$out/corpus/$format" "tests/fuzz/corpus/$format" >"$log" 2>&1; then
    passed=$((passed + 1))
    echo "$format: $(sed -n 's/^stat::number_of_executed_units: *//p' "$log") inputs, $(grep -oE 'cov: [0-9]+' "$log" | tail -n 1 | cut -c6-) edges reached"
  else
    failed=$((failed + 1))
    echo "FAILED $format"
    grep -vE '^#[0-9]+\s+(NEW|REDUCE|pulse|RELOAD)' "$log" | tail -n 40
  fi
done
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
