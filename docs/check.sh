#!/usr/bin/env bash
# Every C++ or Fortran block of README.md and docs/ is a file of the repository or a region of one, and a file that is compiled: a comment <!-- FILE -->
# or <!-- FILE#REGION --> stands on the line before it; a region loses the indentation of its first line. Other code (CMake, Python) stands
# where the list below says why. Links to files of the repository, outside code, lead somewhere. Options of layers and optimisers stand with
# their defaults on their pages, sentences of the compiler on docs/errors.md. Ends with "N passed, N failed".
cd "$(dirname "$0")/.." || exit 1
passed=0 failed=0
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
say() { failed=$((failed + 1)); echo "FAILED $1"; }
# Code that no compiler of ours sees: page, a line of it, why.
not_compiled='
README.md               find_package\(cosmoml      CMake: tests/install/run.sh builds a consumer with these lines
docs/from_pytorch.md    for .* in .*:              PyTorch: the other side of the comparison
docs/weights_from_pytorch.md  from safetensors     Python: what to run where the network was trained
'
compiled() {
  case "$1" in
    include/*.hpp) return 0 ;;
    examples/*) grep -rqE "(add_executable|#include).*${1##*/}" examples ;;
    tests/*.cpp) grep -qE "[ (]${1#tests/}[ )]" tests/CMakeLists.txt ;;
    tests/*.f90) grep -qF "$1" tests/link/run.sh ;;
    *) grep -rqE "#include \".*${1##*/}\"" tests --include='*.cpp' ;;
  esac
}
while read -r page; do
  blocks=$(awk -v out="$work/block" '
    /^```(cpp|f90)$/ { ++n; inside = 1; print before; file = out n; printf "" > file; next }
    /^```/ && inside { inside = 0; close(file); next }
    inside { print > file }
    { before = $0 }' "$page")
  n=0
  while read -r before; do
    [ -n "$before" ] || { [ $n = 0 ] && [ ! -e "$work/block1" ] && break; }
    n=$((n + 1))
    source=$(sed -n 's/^<!-- \(.*\) -->$/\1/p' <<<"$before")
    file=${source%%#*} region=${source#*#}
    if [ -z "$source" ] || [ ! -f "$file" ]; then say "$page: C++ block $n does not name the file that it comes from"; continue; fi
    compiled "$file" || say "$page: nothing compiles $file"
    if [ "$region" = "$source" ]; then grep -v '^// SPDX' "$file" >"$work/wanted"
    else awk -v r="$region" '
      /(\/\/|!) end region/ { on = 0 }
      on { if (on == 1) { match($0, /^ */); indent = RLENGTH; on = 2 } match($0, /^ */); print substr($0, 1 + (RLENGTH < indent ? RLENGTH : indent)) }
      $0 ~ "(//|!) region: " r "$" { on = 1 }' "$file" >"$work/wanted"; fi
    if diff -u "$work/wanted" "$work/block$n" >"$work/diff"; then passed=$((passed + 1)); else say "$page: block $n differs from $source"; cat "$work/diff"; fi
  done <<<"$blocks"
  rm -f "$work"/block*
  while read -r line; do
    if grep -q "^$page " <<<"$not_compiled"; then passed=$((passed + 1)); else say "$page: code that is no region of a compiled file: $line"; fi
  done < <(awk '/^```/ { code = !code; if (code && !/^```(cpp|f90|text)$/) print; next }
    !code && /^    / && (/;[ \t]*(\/\/.*)?$/ || /^ *(from [^ ]+ )?import |#include|find_package|^ *(for|def|class|with) .*:$/)' "$page")
  while read -r link; do
    case "$link" in http*|'#'*|mailto:*|'') continue ;; esac
    if [ -e "$(dirname "$page")/${link%%#*}" ]; then passed=$((passed + 1)); else say "$page: the link to $link leads nowhere"; fi
  done < <(awk '/^```/ { code = !code; next } !code { gsub(/`[^`]*`/, ""); print }' "$page" | grep -oE '\]\([^)]*\)' | sed 's/^](//; s/)$//')
done < <(git ls-files '*.md' | sort)
while read -r page line why; do   # what is on the list is still there
  [ -z "$page" ] || grep -qE -- "${line}" "$page" || say "$page has no line like $line any more: take it off the list of code that is not compiled"
done < <(sed -E 's/  +/\t/g' <<<"$not_compiled" | awk -F'\t' 'NF { gsub(/ /, ".", $2); print $1, $2, $3 }')

# Layers and losses: each has a row. Those left out are what others derive from, and a part of two blocks.
for name in $(awk 'FNR == 1 { name = "" } /^struct [a-z0-9_]+/ { name = $2; sub(/[:;{].*/, "", name) }
    (/using mistake = / || /index_t targets\(extents/ || /is_input = true/) && name != "" { print name; name = "" }
    /^using [a-z0-9_]+ = / && FILENAME ~ /composites|resnet/ { print $2 }' include/cosmoml/{nn,wavelet}/*.hpp | grep -vxE 'elementwise|pool|spatial_pool|global_pool|shortcut') named; do
  if grep -qE "^\\| \`$name[<\`]" docs/layers.md; then passed=$((passed + 1)); else say "docs/layers.md has no row of $name"; fi
done
# Options: the row of a layer, or the one that names the struct, has each with its default. `every` of the schedules stands below their table.
while read -r name field value; do
  if grep -E "\`$name(<|\`|_options\`)" docs/layers.md docs/optimisers.md docs/training.md | grep -qF -- "\`$field\` $value"; then passed=$((passed + 1))
  else say "no row of $name in docs/layers.md, optimisers.md or training.md says \`$field\` $value"; fi
done < <(cat include/cosmoml/{nn,wavelet,optim}/*.hpp | awk '
  /^struct [a-z0-9_]+_options \{/ { name = $2; sub(/_options$/, "", name); next }
  /^}/ { name = "" }
  name != "" && /^  [a-z]/ {
    sub(/;.*/, "")
    n = split($0, declared, ", ")
    for (i = 1; i <= n; ++i) {
      d = declared[i]
      if (d ~ /\{\}$/) { sub(/\{\}$/, "", d); value = "{}" }
      else { value = d; sub(/^[^=]*= /, "", value); sub(/.*::/, "", value); gsub(/ /, "", value); sub(/^1\.0\//, "1/", value); sub(/ =.*/, "", d) }
      sub(/.* /, "", d)
      if (d != "every") print name, d, value
    }
  }')

# Sentences of static_assert: a case of tests/compile_fail expects each, so that it stands on docs/errors.md, or the list says why not.
internal='
include/cosmoml/papers/     counts and shapes of the papers: false only where the library itself is changed
include/cosmoml/kernels/    between kernels and the backends that call them
include/cosmoml/core/blocked.hpp    a layout, which backends choose
include/cosmoml/core/view.hpp       a backend that stores a flat edge in pieces
include/cosmoml/backend/    between a backend and its executor
include/cosmoml/ops/        between operations and the layers that call them, whose own sentences come first
include/cosmoml/io/npy.hpp  the machine
include/cosmoml/io/safetensors.hpp  the machine
include/cosmoml/train/stop_on_signal.hpp  the machine
'
sed -n 's,^// expect: ,,p' tests/compile_fail/*.cpp | sed 's/^cosmoml: //' >"$work/expected"
while IFS=: read -r file sentence; do
  if grep -qFf "$work/expected" <<<"$sentence" || awk -v file="$file" 'NF && index(file, $1) == 1 { found = 1 } END { exit !found }' <<<"$internal"; then passed=$((passed + 1))
  else say "$file: no case of tests/compile_fail expects \"$sentence\""; fi
done < <(grep -rE '"cosmoml: [^"]' include | grep -v '#error' | sed -E 's/^([^:]*):.*"cosmoml: (([^"\\]|\\.)*)".*/\1:\2/; s/\\"/"/g')
if bash docs/errors.sh | diff -u - docs/errors.md; then passed=$((passed + 1)); else say "docs/errors.md is not what docs/errors.sh prints: bash docs/errors.sh > docs/errors.md"; fi
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
