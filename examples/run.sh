#!/usr/bin/env bash
# Builds and runs an example: bash examples/run.sh [--no-install] [--list] [NAME] [arguments of the example]
# NAME is a folder of examples/, wavpool by default. Figures, their data and manifest.json go to examples/out/NAME/.
set -euo pipefail
from=$PWD
cd "$(dirname "$0")/.."
name=wavpool
list=0
while [ $# -gt 0 ]; do
  case "$1" in
    --no-install) export COSMOML_NO_INSTALL=1; shift ;;
    --list) list=1; shift ;;
    *) break ;;
  esac
done
examples() { for f in examples/*/main.cpp; do basename "$(dirname "$f")"; done; }
if [ "$list" = 1 ]; then
  for e in $(examples); do printf '%-12s %s\n' "$e" "$(sed -n '1s/^# *//p' "examples/$e/README.md")"; done
  exit 0
fi
if [ $# -gt 0 ] && [ "${1#-}" = "$1" ]; then name=$1; shift; fi
if [ ! -f "examples/$name/main.cpp" ]; then
  echo "There is no example '$name'. There are: $(examples | tr '\n' ' ')"
  exit 2
fi
. tests/support/setup.sh
need $build_tools zlib1g-dev gnuplot-nox $(cat "examples/$name/packages" 2>/dev/null || true)
build=build/release
[ -f $build/build.ninja ] || cmake --preset release >build-release.log 2>&1 || { cat build-release.log; rm -f build-release.log; exit 1; }
rm -f build-release.log
echo "Building $name"
cmake --build $build --target "example_$name" -j "$(jobs)" | grep -vE '^\[|ninja: no work' || true
[ -x "$build/examples/example_$name" ] || { cmake --build $build --target "example_$name"; exit 1; }
mkdir -p "examples/out/$name"
# paths are the caller's, seen from where the script was called
given=()
for a in "$@"; do
  case "$a" in -*|/*) ;; *) [ -e "$from/$a" ] && a=$from/$a ;; esac
  given+=("$a")
done
"$build/examples/example_$name" --out "examples/out/$name" ${given[@]+"${given[@]}"}
