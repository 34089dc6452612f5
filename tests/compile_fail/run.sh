#!/usr/bin/env bash
# Wrong compositions must fail with their own sentence, in one error of at most fifteen lines that shows where.
# A case may name flags that it needs (// flags: ...).
# usage: bash tests/compile_fail/run.sh [COMPILER | CASE.cpp ...], by default g++ and clang++-16 and all of them. Ends with "N passed, N failed".
cd "$(dirname "$0")/../.." || exit 1
compilers=() cases=()
for word in "$@"; do
  if [[ $word == *.cpp ]]; then cases+=("tests/compile_fail/${word##*/}"); else compilers+=("$word"); fi
done
[ ${#cases[@]} -gt 0 ] || cases=(tests/compile_fail/*.cpp)
if [ ${#compilers[@]} -eq 0 ]; then
  . tests/support/setup.sh
  need g++ clang-16 libhdf5-dev libcfitsio-dev
  compilers=(g++ clang++-16)
fi
passed=0 failed=0
# Namespaces, spaces between closing brackets and the colour of quotes differ between compilers; the words do not.
plain() { sed -E 's/cosmoml::([hd][0-9_]+::)?//g; s/(nn|wavelet|ops)::([hd][0-9_]+::)?//g; s/> >/>>/g; s/> >/>>/g'; }
for compiler in "${compilers[@]}"; do
  for file in "${cases[@]}"; do
    sentence=$(sed -n 's,^// expect: ,,p' "$file")
    shows=$(sed -n 's,^// shows: ,,p' "$file" | plain)
    read -ra flags <<<"$(sed -n 's,^// flags: ,,p' "$file")"
    log=$("$compiler" -std=c++20 -fsyntax-only -Iinclude "${flags[@]}" "$file" 2>&1)
    status=$?
    errors=$(grep -cE '(: |fatal )error' <<<"$log")
    lines=$(wc -l <<<"$log")
    why=""
    [ $status -eq 0 ] && why="it compiled"
    grep -qF "$sentence" <<<"$log" || why="$why; the sentence is missing"
    plain <<<"$log" | grep -qF "$shows" || why="$why; it does not show $shows"
    [ "$errors" = 1 ] || why="$why; $errors errors"
    [ "$lines" -le 15 ] || why="$why; $lines lines"
    if [ -z "$why" ]; then passed=$((passed + 1)); else
      failed=$((failed + 1))
      echo "FAILED $compiler $file: ${why#; }"
      echo "$log" | cut -c1-300 | head -n 20
    fi
  done
done
echo "$passed passed, $failed failed"
[ $failed -eq 0 ] && [ $passed -gt 0 ]
