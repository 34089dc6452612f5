#!/usr/bin/env bash
# Two MPI ranks that fit and predict at the same time. Ends with "N passed, N failed".
cd "$(dirname "$0")/../.." || exit 1
. tests/support/setup.sh
need g++ libopenmpi-dev openmpi-bin
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1 OMPI_CXX=${CXX:-g++} OMP_NUM_THREADS=1
mpicxx -std=c++20 -O1 -Iinclude tests/mpi/ranks.cpp -o "$work/ranks" && mpirun --oversubscribe -n 2 "$work/ranks" ||
  { echo "FAILED two ranks"; echo "0 passed, 1 failed"; exit 1; }
