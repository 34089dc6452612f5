#!/usr/bin/env bash
# Every public header compiles alone, warns about nothing, and survives macros that other libraries define.
# usage: bash tests/headers/run.sh ["COMPILER FLAGS"]. Ends with "N passed, N failed".
cd "$(dirname "$0")/../.." || exit 1
compiler=${1:-g++}
cuda=$(dirname "$(dirname "$(readlink -f "$(command -v nvcc || echo /usr/local/cuda/bin/nvcc)")")")
flags="-std=c++20 -fsyntax-only -Wall -Wextra -Wpedantic -Wshadow -Iinclude -isystem /usr/include/eigen3 -isystem /usr/include/hdf5/serial -DTHRUST_DEVICE_SYSTEM=THRUST_DEVICE_SYSTEM_CPP"
[ -d "$cuda/include/cccl" ] && flags="$flags -isystem $cuda/include/cccl"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export compiler flags work
# Headers of backends whose library is not installed are left out.
check() {
  local header=$1 file own=""
  case $header in
    cosmoml/backend/xtensor.hpp) [ -f /usr/include/xtensor-blas/xblas.hpp ] || { echo "left out: $header, xtensor-blas is not installed"; return; } ;;
    cosmoml/backend/thrust_tbb.hpp) [ -f /usr/include/tbb/parallel_for.h ] || { echo "left out: $header, TBB is not installed"; return; } ;;
    cosmoml/io/hdf5*.hpp | cosmoml/io/gadget.hpp) [ -f /usr/include/hdf5/serial/hdf5.h ] || { echo "left out: $header, HDF5 is not installed"; return; } ;;
    cosmoml/io/fits*.hpp) [ -f /usr/include/fitsio.h ] || { echo "left out: $header, cfitsio is not installed"; return; } ;;
    cosmoml/backend/thrust_omp.hpp) own=-fopenmp ;;
  esac
  file=$work/$(tr '/' '_' <<<"$header").cpp
  { printf '#define I complain\n#define small complain\n#define B0 complain\n#define near complain\n#define far complain\n'
    printf '#include <%s>\n#include <%s>\nint main() {}\n' "$header" "$header"; } >"$file"
  if log=$($compiler $flags $own "$file" 2>&1) && [ -z "$log" ]; then echo passed; else
    echo "FAILED $header"
    cut -c1-300 <<<"$log" | head -n 12
  fi
}
export -f check
results=$(find include -name '*.hpp' -printf '%P\n' | sort | xargs -P "${COSMOML_JOBS:-$(nproc)}" -I{} bash -c 'check {}')
grep -v '^passed$' <<<"$results"
passed=$(grep -c '^passed$' <<<"$results")
failed=$(grep -c '^FAILED' <<<"$results")
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
