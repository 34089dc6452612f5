#!/usr/bin/env bash
# Two translation units that include everything link into one program that works. Ends with "N passed, N failed".
cd "$(dirname "$0")/../.." || exit 1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
if ${1:-g++} -std=c++20 -O1 -Iinclude tests/link/one.cpp tests/link/two.cpp -o "$work/linked" -lz && "$work/linked"; then
  echo "1 passed, 0 failed"
else
  echo "0 passed, 1 failed"
  exit 1
fi
