#!/usr/bin/env bash
# Two translation units that include everything link into one program that works; so do programs in C and, where gfortran is installed, Fortran with
# the one translation unit of docs/embedding.md. usage: bash tests/link/run.sh [COMPILER]. Ends with "N passed, N failed".
cd "$(dirname "$0")/../.." || exit 1
compiler=${1:-g++}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
passed=0 failed=0
count() { if [ "$1" = 0 ]; then passed=$((passed + 1)); else failed=$((failed + 1)); echo "FAILED $2"; fi; }
$compiler -std=c++20 -O1 -Iinclude tests/link/one.cpp tests/link/two.cpp -o "$work/linked" -lz && "$work/linked"
count $? "two translation units that include everything"

$compiler -std=c++20 -O1 -Iinclude tests/link/weights.cpp tests/docs/embedding/cooling_model.cpp -o "$work/write" && "$work/write" "$work/weights" >"$work/expected" &&
  $compiler -std=c++20 -O1 -Iinclude -c tests/docs/embedding/cooling.cpp -o "$work/cooling.o"
count $? "the network of docs/embedding.md"
gcc -std=c99 -Wall -Wextra -Wpedantic -Werror -c tests/link/cooling.c -o "$work/c.o" && $compiler "$work/c.o" "$work/cooling.o" -o "$work/from_c" &&
  "$work/from_c" "$work/weights" | diff - "$work/expected"
count $? "a program in C"
if command -v gfortran >/dev/null 2>&1; then
  gfortran -std=f2008 -Wall -J "$work" -c tests/link/cooling.f90 -o "$work/f.o" && gfortran "$work/f.o" "$work/cooling.o" -o "$work/from_fortran" -lstdc++ &&
    "$work/from_fortran" "$work/weights" | diff - "$work/expected"
  count $? "a program in Fortran"
else echo "left out: Fortran, gfortran is not installed"; fi
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
