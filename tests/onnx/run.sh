#!/usr/bin/env bash
# Exports networks as ONNX files and runs them in onnxruntime on random inputs beside ours: bash tests/onnx/run.sh [--no-install] [--seed N]
# The seed, of weights and inputs, is printed; without one it is the time.
# onnxruntime comes from PyPI into the user's cache (about 90 MB to download); where it cannot be had, its part is skipped and says so.
# The last line is "N passed, N failed".
cd "$(dirname "$0")/../.." || exit 1
seed=$(date +%s)
while [ $# -gt 0 ]; do
  case "$1" in
    --no-install) export COSMOML_NO_INSTALL=1; shift ;;
    --seed) seed=$2; shift 2 ;;
    *) sed -n '2,5p' "$0" | cut -c3-; exit 2 ;;
  esac
done
. tests/support/setup.sh
need g++ ccache python3 python3-venv
out=build/onnx
rm -rf "$out/networks"
mkdir -p "$out/networks"
export out seed
echo "seed $seed"
build() { ccache g++ -std=c++20 -O1 -Iinclude -c "tests/onnx/$1.cpp" -o "$out/$1.o" && g++ "$out/$1.o" -o "$out/$1" && (cd "$out/networks" && "../$1" "$seed"); }
export -f build
if ! printf 'layers\npapers\n' | xargs -P "$(jobs)" -I{} bash -c 'build {}'; then
  echo "FAILED the networks were not written"
  echo "0 passed, 1 failed"
  exit 1
fi
. benchmarks/peers/environment.sh
python=$(python_with "onnxruntime, numpy" onnxruntime "about 90 MB to download" tests/onnx/requirements.txt)
if [ -z "$python" ]; then
  written=$(find "$out/networks" -name '*.onnx' | wc -l)
  echo "skipped: onnxruntime is not here; the networks were written and not run"
  echo "1 passed, 0 failed, $written skipped"
  exit 0
fi
exec "$python" tests/onnx/check.py "$out/networks"
