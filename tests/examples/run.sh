#!/usr/bin/env bash
# Each example on small data: it ends well and leaves its manifest and its figures, each of them a PNG that the manifest names; wrong input
# ends with one sentence and status 1.
# Ends with "N passed, N failed".
cd "$(dirname "$0")/../.." || exit 1
passed=0 failed=0
report() { if [ "$2" = 0 ]; then passed=$((passed + 1)); else failed=$((failed + 1)); echo "FAILED $1"; fi; }
smoke() {   # smoke FIGURES NAME ARGUMENTS...; FIGURES: "curves bands"
  local figures=$1 name=$2 log status figure out
  shift 2
  out=examples/out/$name
  rm -rf "$out"
  log=$(bash examples/run.sh "$name" "$@" 2>&1) && [ -s "$out/manifest.json" ]
  status=$?
  for figure in $figures; do
    if [ "$(head -c 8 "$out/$figure.png" 2>/dev/null | od -An -tx1 | tr -d ' \n')" != 89504e470d0a1a0a ] || ! grep -qF "\"$figure.png\"" "$out/manifest.json"; then
      log="$log
$out/$figure.png is missing, no PNG or not in the manifest"
      status=1
    fi
  done
  [ $status = 0 ] || tail -n 30 <<<"$log"
  report "$name $*" $status
}
refuses() {   # refuses SENTENCE NAME ARGUMENTS...
  local sentence=$1 log
  shift
  log=$(bash examples/run.sh "$@" 2>&1)
  [ $? = 1 ] && grep -qF "$sentence" <<<"$log"
  local status=$?
  [ $status = 0 ] || tail -n 30 <<<"$log"
  report "$* says: $sentence" $status
}
smoke "curves confusion bands" wavpool --data tests/golden/images/idx --epochs 20 --seeds 2
smoke "curves confusion bands" wavpool --data tests/golden/images/cifar --epochs 3 --seeds 1
test_images=$(mktemp -d)   # MNIST's test images alone
for kind in images-idx3 labels-idx1; do cp "tests/golden/images/idx/train-$kind-ubyte.gz" "$test_images/t10k-$kind-ubyte.gz"; done
smoke "curves confusion bands" wavpool --data "$test_images" --epochs 2 --seeds 1
rm -rf "$test_images"
smoke "filters curves mistakes confusion" images --data tests/golden/images/idx --images 100 --epochs 1
smoke "filters curves mistakes confusion" images --data tests/golden/images/cifar --images 12 --epochs 1
smoke winograd images --data tests/golden/images/idx --images 100 --epochs 1 --compare-winograd 2
refuses "images 28 pixels wide" images --data tests/golden/images/cifar --images 12 --compare-winograd 2
tables=$(mktemp -d)
awk 'BEGIN { srand(7); print "a,b"; for (i = 0; i < 200; ++i) { x = rand() + rand() - 1; print x "," x + 2 * rand() } }' >"$tables/data.csv"
awk -F, 'NR == 1 { print "target" } NR > 1 { print $1 * $2 }' "$tables/data.csv" >"$tables/targets.csv"
printf 'first\nsecond\n' >"$tables/names.txt"
smoke matrix gmm_mi --data "$tables/data.csv" --targets "$tables/targets.csv" --names "$tables/names.txt" --bootstraps 5
head -n 100 "$tables/targets.csv" >"$tables/short.csv"
refuses "give two tables of as many rows" gmm_mi --data "$tables/data.csv" --targets "$tables/short.csv"
rm -rf "$tables"
refuses "install the package dataset-fashion-mnist" wavpool --data examples
truncated=$(mktemp -d)
cp tests/golden/images/idx/* "$truncated" && head -c 2000 tests/golden/images/idx/train-images-idx3-ubyte.gz >"$truncated/train-images-idx3-ubyte.gz"
refuses "this copy is truncated or damaged" wavpool --data "$truncated"
rm -rf "$truncated"
# On a GPU, where nvcc is; without a device it says so and ends.
if command -v nvcc >/dev/null 2>&1 && [ "$failed" = 0 ]; then
  log=$(cmake --build build/release --target example_wavpool_cuda 2>&1) || report "example_wavpool_cuda builds" 1
  log=$(build/release/examples/example_wavpool_cuda --data tests/golden/images/idx --epochs 2 --seeds 1 --threads 1 --out "$(mktemp -d)" 2>&1)
  case $? in
    0) report "wavpool on a GPU" 0 ;;
    *) grep -q "check that a device is present" <<<"$log"; report "wavpool without a device says so" $? ;;
  esac
fi
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
