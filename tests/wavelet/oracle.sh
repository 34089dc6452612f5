#!/usr/bin/env bash
# Every wavelet, extension and transform on random signals beside PyWavelets: bash tests/wavelet/oracle.sh [--no-install] [--seed N]
# The seed is printed; without one it is the time. PyWavelets comes from PyPI into the user's cache (about 25 MB to download); where it cannot be had,
# nothing is compared and a line says so. The last line is "N passed, N failed".
cd "$(dirname "$0")/../.." || exit 1
seed=$(date +%s)
while [ $# -gt 0 ]; do
  case "$1" in
    --no-install) export COSMOML_NO_INSTALL=1; shift ;;
    --seed) seed=$2; shift 2 ;;
    *) sed -n '2,4p' "$0" | cut -c3-; exit 2 ;;
  esac
done
. tests/support/setup.sh
need g++ ccache python3 python3-venv
out=build/wavelet_oracle
mkdir -p "$out"
echo "seed $seed"
if ! { ccache g++ -std=c++20 -O1 -Iinclude -c tests/wavelet/oracle.cpp -o "$out/oracle.o" && g++ "$out/oracle.o" -o "$out/oracle" && "$out/oracle" "$seed" "$out/records"; }; then
  echo "FAILED the records were not written"
  echo "0 passed, 1 failed"
  exit 1
fi
. benchmarks/peers/environment.sh
python=$(python_with "pywt, numpy" PyWavelets "about 25 MB to download" tests/wavelet/requirements.txt)
if [ -z "$python" ]; then
  echo "skipped: PyWavelets is not here; the transforms ran and nothing was compared"
  echo "1 passed, 0 failed, 1 skipped"
  exit 0
fi
"$python" tests/wavelet/oracle.py "$out/records"
status=$?
rm -f "$out/records"
exit $status
