#!/usr/bin/env bash
# Builds the site: the pages of docs/, README.md and every public declaration, into build/docs (or the folder given). Fails on any warning of
# doxygen and on links within it that lead nowhere. Ends with "N passed, N failed", counting the hand-written pages.
# usage: bash docs/build.sh [FOLDER]
cd "$(dirname "$0")/.." || exit 1
. tests/support/setup.sh
need doxygen libjs-mathjax
out=${1:-build/docs}
rm -rf "$out"
mkdir -p "$out" || exit 1
log=$(mktemp)
trap 'rm -f "$log"' EXIT
{ cat docs/doxygen/Doxyfile
  echo "OUTPUT_DIRECTORY = $out"
  sed -n 's/.*version = "\([0-9.]*\)".*/PROJECT_NUMBER = \1/p' include/cosmoml/version.hpp; } | doxygen - >"$log" 2>&1
status=$?
failed=0
if [ $status -ne 0 ] || [ -s "$log" ]; then
  head -n 60 "$log"
  failed=$((failed + 1))
fi
# Formulas without a network: the parts of MathJax that draw TeX as SVG.
if [ -d /usr/share/javascript/mathjax ]; then
  mkdir -p "$out/mathjax/jax/output" "$out/mathjax/jax/input"
  cp -rL /usr/share/javascript/mathjax/MathJax.js /usr/share/javascript/mathjax/extensions "$out/mathjax/"
  cp -rL /usr/share/javascript/mathjax/jax/element "$out/mathjax/jax/"
  cp -rL /usr/share/javascript/mathjax/jax/input/TeX "$out/mathjax/jax/input/"
  cp -rL /usr/share/javascript/mathjax/jax/output/SVG "$out/mathjax/jax/output/"
fi
if grep -n '@ref' "$out/menudata.js"; then
  echo "the menu in docs/doxygen/layout.xml names a page that is not there"
  failed=$((failed + 1))
fi
# Links between pages, and their anchors.
dead=$(cd "$out" && awk '
  FNR == 1 { page = FILENAME; pages[page] = 1 }
  {
    s = $0
    while (match(s, /(id|name)="[^"]*"/)) { a = substr(s, RSTART, RLENGTH); sub(/^[a-z]*="/, "", a); sub(/"$/, "", a); there[page "#" a] = 1; s = substr(s, RSTART + RLENGTH) }
    s = $0
    while (match(s, /(href|src)="[^"]*"/)) {
      a = substr(s, RSTART, RLENGTH); sub(/^[a-z]*="/, "", a); sub(/"$/, "", a); s = substr(s, RSTART + RLENGTH)
      if (a ~ /^(https?:|mailto:|javascript:|data:)/ || a == "" || a == "#") continue
      if (a ~ /^#/) a = page a
      links[a] = page
    }
  }
  END {
    for (a in links) {
      file = a; sub(/#.*/, "", file)
      if (!(file in pages)) { if ((getline line < file) < 0) print links[a] ": " a; close(file) }
      else if (a ~ /#/ && !(a in there)) print links[a] ": " a
    }
  }' *.html | sort)
if [ -n "$dead" ]; then
  echo "links that lead nowhere:"
  head -n 40 <<<"$dead"
  failed=$((failed + $(wc -l <<<"$dead")))
fi
passed=$(ls "$out"/index.html "$out"/page_*.html 2>/dev/null | wc -l)
echo "the site is $out/index.html"
echo "$passed passed, $failed failed"
[ $failed -eq 0 ] && [ "$passed" -gt 0 ]
