#!/usr/bin/env bash
# Our library beside what a user would pick instead, in the same run, in turns: bash benchmarks/run.sh peers [OPTION ...]
#   --only TEXT       workloads whose name contains TEXT
#   --threads N       threads on both sides (2); C++ peers always run on one
#   --pairs N         interleaved pairs (9)
#   --check           only whether both sides compute the same numbers: status 1 and "missed" where they do not
#   --python PATH     an interpreter that has torch, safetensors, numpy, scikit-learn and PyWavelets, instead of the pinned environment
#   --no-python       C++ peers only
#   --rltools DIR, --rtneural DIR, --mlpack DIR   a checkout of this peer; without it the peer is left out
set -uo pipefail
cd "$(dirname "$0")/../.."
. tests/support/setup.sh
. benchmarks/peers/environment.sh
only="" python="" with_python=1 check=0 rltools="" rtneural="" mlpack="" options=()
while [ $# -gt 0 ]; do
  case "$1" in
    --only) only=$2; shift 2 ;;
    --threads|--pairs) options+=("$1" "$2"); shift 2 ;;
    --check) check=1; shift ;;
    --python) python=$2; shift 2 ;;
    --no-python) with_python=0; shift ;;
    --rltools) rltools=$(realpath "$2"); shift 2 ;;
    --rtneural) rtneural=$(realpath "$2"); shift 2 ;;
    --mlpack) mlpack=$(realpath "$2"); shift 2 ;;
    *) sed -n '2,10p' "$0" | cut -c3-; exit 2 ;;
  esac
done
need $build_tools libbenchmark-dev python3 python3-venv libdlib-dev libopenblas-dev
here=benchmarks/peers out=benchmarks/out programs=build/bench/benchmarks/peers
data=$out/peers
mkdir -p "$data"

# build TARGET: quiet when it works, all of the compiler's words when it does not.
build() {
  local log
  log=$(mktemp)
  if ! cmake --build build/bench -j "$(jobs)" --target "$1" >"$log" 2>&1; then cat "$log"; rm -f "$log"; return 1; fi
  rm -f "$log"
}
cmake --preset bench -DCOSMOML_RLTOOLS_DIR="$rltools" -DCOSMOML_RTNEURAL_DIR="$rtneural" -DCOSMOML_MLPACK_DIR="$mlpack" >/dev/null || exit 1
build peers_ours || exit 1
if [ "$check" = 1 ]; then
  build peers_double || exit 1
  options+=(--check --double $programs/peers_double)
fi

peers=()
# cpp_peer NAME DIR HINT: a program of ours around a library of others.
cpp_peer() {
  if [ -z "$2" ]; then echo "peers: $1 is skipped: name a checkout with --$1 DIR ($3)"
  elif build "peers_$1"; then peers+=(--peer "$1=$programs/peers_$1")
  else echo "peers: $1 is skipped: its program does not build"; fi
}
cpp_peer dlib /usr "Debian's libdlib-dev"
cpp_peer rltools "$rltools" "the repository rl-tools/rl-tools"
cpp_peer rtneural "$rtneural" "the repository jatinchowdhury18/RTNeural, with its submodule xsimd"
[ -z "$mlpack" ] || need libarmadillo-dev libcereal-dev liblapack-dev
cpp_peer mlpack "$mlpack" "the repository mlpack/mlpack"
if [ "$with_python" = 1 ]; then
  if [ -z "$python" ]; then
    python=$(environment "torch, safetensors, scikit-learn and PyWavelets" "about 2.6 GB to download, 4.3 GB on disk" $here/requirements/torch.txt $here/requirements/torch_cuda.txt) || python=""
  fi
  if [ -n "$python" ]; then
    for module in networks double_dqn adam wavelets mixtures; do peers+=(--peer "$module=$python $here/python/server.py $module"); done
  fi
  if python=$(environment "gmm-mi" "about 120 MB to download, 0.4 GB on disk" $here/requirements/gmm_mi.txt); then
    peers+=(--peer "information=$python $here/python/server.py information")
  fi
fi
python3 $here/harness.py --data "$data" --out "$out/peers.csv" --ours $programs/peers_ours --only "$only" "${options[@]}" "${peers[@]}"
