#!/usr/bin/env bash
# Every C++ or Fortran block of README.md and docs/ is a file of the repository or a region of one: a comment <!-- FILE --> or <!-- FILE#REGION -->
# stands on the line before it; a region loses the indentation of its first line. Links to files of the repository, outside code,
# lead somewhere. Ends with "N passed, N failed".
cd "$(dirname "$0")/.." || exit 1
passed=0 failed=0
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
say() { failed=$((failed + 1)); echo "FAILED $1"; }
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
    if [ "$region" = "$source" ]; then grep -v '^// SPDX' "$file" >"$work/wanted"
    else awk -v r="$region" '
      /(\/\/|!) end region/ { on = 0 }
      on { if (on == 1) { match($0, /^ */); indent = RLENGTH; on = 2 } match($0, /^ */); print substr($0, 1 + (RLENGTH < indent ? RLENGTH : indent)) }
      $0 ~ "(//|!) region: " r "$" { on = 1 }' "$file" >"$work/wanted"; fi
    if diff -u "$work/wanted" "$work/block$n" >"$work/diff"; then passed=$((passed + 1)); else say "$page: block $n differs from $source"; cat "$work/diff"; fi
  done <<<"$blocks"
  rm -f "$work"/block*
  while read -r link; do
    case "$link" in http*|'#'*|mailto:*|'') continue ;; esac
    if [ -e "$(dirname "$page")/${link%%#*}" ]; then passed=$((passed + 1)); else say "$page: the link to $link leads nowhere"; fi
  done < <(awk '/^```/ { code = !code; next } !code { gsub(/`[^`]*`/, ""); print }' "$page" | grep -oE '\]\([^)]*\)' | sed 's/^](//; s/)$//')
done < <(git ls-files '*.md' | sort)
if bash docs/errors.sh | diff -u - docs/errors.md; then passed=$((passed + 1)); else say "docs/errors.md is not what docs/errors.sh prints: bash docs/errors.sh > docs/errors.md"; fi
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
