#!/usr/bin/env bash
# No memory of the library outlives its objects: in what the compiler made of the tests, no symbol of the library lies where it can be written.
# The number of a signal (train/stop_on_signal.hpp) is the one exception: a handler is called without an argument of ours.
# usage: bash tests/house/state.sh [BUILD], after tests/run.sh. Ends with "N passed, N failed"; an object file counts as one.
cd "$(dirname "$0")/../.." || exit 1
build=${1:-build/dev}
passed=0 failed=0
while read -r object; do
  # Tables of addresses (.data.rel.ro) are written by the loader alone; types and functions of a test are its own.
  found=$(objdump -t -C "$object" | grep -E '[[:space:]]\.t?(data|bss)[^[:space:]]*[[:space:]]' | grep -F 'cosmoml::' | grep -vE '\.data\.rel\.ro|\(anonymous namespace\)|DOCTEST|stop_on_signal|doctest::' | awk '{ $1 = $2 = ""; print }')
  if [ -z "$found" ]; then passed=$((passed + 1)); else
    failed=$((failed + 1))
    echo "FAILED $object:"
    head -n 5 <<<"$found" | cut -c1-200
  fi
done < <(find "$build/tests" -name '*.o' ! -name '*.cu.o' | sort)   # nvcc gives every kernel a host stub of its own
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
