#!/usr/bin/env bash
# Prints docs/errors.md from the cases of tests/compile_fail: sentence, wrong line, cure. docs/check.sh holds the page to it.
# usage: bash docs/errors.sh > docs/errors.md
cd "$(dirname "$0")/.." || exit 1
cat <<'PAGE'
# Error messages

<!-- printed by docs/errors.sh from tests/compile_fail -->

## While compiling

A wrong composition is one error with one sentence, which begins with `cosmoml:`. The names around it say where: `at<2, dense<10>>` is the
layer (counted from 0 behind the input), `after<1, relu>` the one before it, `shape<1, 28, 28>` what it was given. Each sentence below is
demanded by a test, with g++ and with clang.
PAGE
sentences=$(grep -rhoE '"cosmoml: ([^"\\]|\\.)*"' include | sed 's/^"cosmoml: //; s/"$//; s/\\"/"/g' | sort -u)
last=
for file in $(grep -l '^// expect:' tests/compile_fail/*.cpp | while read -r f; do printf '%s\t%s\n' "$(sed -n 's,^// expect: ,,p' "$f" | sed 's/^cosmoml: //')" "$f"; done | LC_ALL=C sort | cut -f2); do
  expected=$(sed -n 's,^// expect: ,,p' "$file" | sed 's/^cosmoml: //; s/\\"/"/g')
  sentence=$(grep -F -- "$expected" <<<"$sentences" | head -n 1)
  wrong=$(sed -n 's, *// wrong$,,p' "$file" | sed 's/^ *//')
  [ -n "$wrong" ] || wrong=$(sed -n 's/^using net = \(.*\);$/\1/p' "$file")
  if [ "$sentence" != "$last" ]; then
    printf '\n**%s**\n' "$(sed 's/</\\</g; s/\*/\\*/g; s/_/\\_/g' <<<"$sentence")"
    last=$sentence
  fi
  printf '\n- wrong: `%s`\n- cure: %s ([%s](../%s))\n' "$wrong" "$(sed -n 's,^// cure: ,,p' "$file")" "$(basename "$file" .cpp)" "$file"
done
printf '\nWhere a header finds no library, or not the flag that it needs, it stops with one of these:\n\n'
grep -rhE '#error "cosmoml: ' include | sed -E 's/.*"cosmoml: (.*)"/- \1/' | LC_ALL=C sort
cat <<'PAGE'

## While running

Every exception is a `cosmoml::error`; its text says what was asked, what was found and what to do. Five kinds, all in `core/error.hpp`:

| kind | when |
|---|---|
| `invalid_argument` | an argument makes no sense: no data, a batch of no samples, a label that is no class |
| `shape_mismatch` | sizes do not fit one another: rows of another length than the network's input, a file's tensor of another shape |
| `numerical_error` | a number became NaN or infinite, a matrix is not positive definite; training says at which batch and in which layer |
| `io_error` | a file is missing, cut off, damaged or of another kind |
| `backend_error` | what CUDA, Thrust or another library below reported |

A failure that a program can act on (a fit that did not converge) is part of the result, not an exception.
PAGE
