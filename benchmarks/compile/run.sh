#!/usr/bin/env bash
# What the headers cost: preprocessed lines, seconds and memory of a compilation at -O2 on one core, beside the budget.
# Called by benchmarks/run.sh compile [--only TEXT].
set -uo pipefail
cd "$(dirname "$0")/../.."
only=${1:-}
compiler=${CXX:-g++}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
$compiler -std=c++20 -O1 benchmarks/compile/measure.cpp -o "$work/measure" || exit 1
mkdir -p benchmarks/out
echo "name,lines,lines_budget,seconds,seconds_budget,megabytes,megabytes_budget" >benchmarks/out/compile.csv
printf '%-18s %22s %20s %20s\n' "$compiler -O2" "lines (budget)" "seconds (budget)" "MB (budget)"
over=0
while read -r name source lines seconds megabytes; do
  case "$name" in '#'*|'') continue ;; esac
  case "$name" in *"$only"*) ;; *) continue ;; esac
  n=$($compiler -std=c++20 -Iinclude -E -P "$source" | wc -l)
  if ! measured=$("$work/measure" $compiler -std=c++20 -O2 -march=native -mtune=generic -Iinclude -c "$source" -o "$work/o"); then
    echo "$name: it does not compile"; over=1; continue
  fi
  read -r s mb <<<"$measured"
  verdict=$(awk -v n="$n" -v ln="$lines" -v s="$s" -v ls="$seconds" -v m="$mb" -v lm="$megabytes" \
    'BEGIN { print (ln && n > ln) || (ls && s > ls) || (lm && m > lm) ? "OVER BUDGET" : "" }')
  [ -n "$verdict" ] && over=1
  printf '%-18s %13s (%6s) %11s (%6s) %12s (%5s) %s\n' "$name" "$n" "$lines" "$s" "$seconds" "$mb" "$megabytes" "$verdict"
  echo "$name,$n,$lines,$s,$seconds,$mb,$megabytes" >>benchmarks/out/compile.csv
done <benchmarks/compile/budget.txt
exit $over
