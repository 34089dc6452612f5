#!/usr/bin/env bash
# Each example on small data: it ends well and leaves its manifest and a figure; wrong input ends with one sentence and status 1.
# Ends with "N passed, N failed".
cd "$(dirname "$0")/../.." || exit 1
passed=0 failed=0
report() { if [ "$2" = 0 ]; then passed=$((passed + 1)); else failed=$((failed + 1)); echo "FAILED $1"; fi; }
smoke() {   # smoke NAME ARGUMENTS...
  local name=$1 log
  shift
  rm -rf "examples/out/$name"
  log=$(bash examples/run.sh "$name" "$@" 2>&1) && [ -s "examples/out/$name/manifest.json" ] && compgen -G "examples/out/$name/*.png" >/dev/null
  local status=$?
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
smoke wavpool --data tests/golden/images/idx --epochs 20 --seeds 2
smoke wavpool --data tests/golden/images/cifar --epochs 3 --seeds 1
refuses "install the package dataset-fashion-mnist" wavpool --data examples
truncated=$(mktemp -d)
cp tests/golden/images/idx/* "$truncated" && head -c 2000 tests/golden/images/idx/train-images-idx3-ubyte.gz >"$truncated/train-images-idx3-ubyte.gz"
refuses "this copy is truncated or damaged" wavpool --data "$truncated"
rm -rf "$truncated"
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
