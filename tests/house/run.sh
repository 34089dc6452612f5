#!/usr/bin/env bash
# The rules of the house, as far as text shows them. Ends with "N passed, N failed"; a rule counts as one.
cd "$(dirname "$0")/../.." || exit 1
passed=0 failed=0
# rule NAME COMMAND...: COMMAND prints what breaks the rule, a line each
rule() {
  local name=$1 found
  shift
  found=$("$@")
  if [ -z "$found" ]; then passed=$((passed + 1)); else
    failed=$((failed + 1))
    echo "FAILED $name:"
    sed 's/^/  /' <<<"$found" | head -n 20
  fi
}
headers() { find include/cosmoml -name '*.hpp' "$@" | sort; }
in_headers() { headers | xargs grep -nE -- "$1"; }
ours() { git ls-files 2>/dev/null | grep . || find .ci include tests examples benchmarks docs -type f; }

# A folder includes itself and what stands above it. Domains (wavelet, prob) do not include one another; they and train may read and write files.
may_include() {
  local basic="core kernels backend tensor ops ad"
  case $1 in
    core) echo core ;;
    kernels) echo core kernels ;;
    backend) echo core kernels backend ;;
    tensor) echo core kernels backend tensor ;;
    ops) echo core kernels backend tensor ops ;;
    ad) echo "$basic" ;;
    plan | nn) echo "$basic" plan nn ;;   # the plan is made of layers, and a model runs a plan
    optim) echo "$basic" optim ;;
    io) echo "$basic" plan nn io ;;
    train) echo "$basic" plan nn optim io train ;;
    papers) echo "$basic" plan nn optim io train papers wavelet prob ;;
    *) echo "$basic" plan nn optim io train "$1" ;;
  esac
}
wrong_includes() {
  local folder allowed
  for folder in include/cosmoml/*/; do
    folder=$(basename "$folder")
    allowed=$(may_include "$folder" | tr ' ' '|')
    grep -rnE '^ *# *include <cosmoml/[a-z_]+/' "include/cosmoml/$folder" | grep -vE "<cosmoml/($allowed)/"
  done
}
umbrellas() { headers -mindepth 2 | xargs grep -nE '^ *# *include <cosmoml/[a-z_]+\.hpp>' | grep -vE 'cosmoml/(config|version)\.hpp'; }
foreign_names() {
  headers | grep -vE '/(backend|tensor|io)/' | xargs grep -nE '(^|[^a-z_])(thrust|Eigen|xt)::|<(thrust|Eigen|xtensor|cuda|cublas|hdf5|fitsio)|(^|[^a-z_])(cuda|cublas)[A-Z][a-z]+ *\(|__global__' | grep -vE ':[0-9]+: *//'
}
heavy() { headers | grep -E '/(core|nn)/' | xargs grep -nE '# *include <(iostream|regex|filesystem|algorithm|memory|functional|map|thread)>'; }
# progress_bar is the callback that prints, to the stream it is given.
prints() {
  in_headers '(^|[^a-zA-Z_])(std::c(out|err|log)|v?[fd]?printf *\(|f?put[sc] *\(|putchar *\(|perror *\(|psignal *\(|write *\( *[12] *,|std(out|err)([^a-z_]|$)|STD(OUT|ERR)_FILENO|std::exit|std::abort|std::print)' |
    grep -vE '/train/progress_bar.hpp|:[0-9]+: *//'
}
long_files() {
  local file
  for file in $(ours | grep -E '\.(hpp|cpp|cu|sh|py)$'); do
    [ -f "$file" ] && [ "$(wc -l <"$file")" -gt 400 ] && echo "$file: $(wc -l <"$file") lines"
  done
}
without() { headers | xargs grep -LF -- "$1"; }
bare_assertions() {   # a sentence may stand on the lines that follow
  headers | xargs awk '
    FNR == 1 { open = 0 }
    { line = $0; sub(/\/\/.*/, "", line) }
    line ~ /static_assert *\(/ { open = 1; text = ""; at = FNR }
    open { text = text line; if (line ~ /; *(}.*)?$/) { open = 0; if (text !~ /"cosmoml: /) print FILENAME ":" at ": " text } }'
}
# One signal number in stop_on_signal: a handler gets no argument of ours.
variables() {
  { in_headers '^ *((inline|static|thread_local|extern|constinit) )+[^(]*[={;]' | grep -vE 'constexpr|consteval|const |static_assert|inline namespace|namespace |extern "C"|operator|using '
    in_headers '(^|[^a-z_])thread_local '
  } | grep -v '/train/stop_on_signal.hpp'
}
machine_paths() { ours | grep -E '^(\.ci|include|tests|examples|benchmarks|docs|README|CMake)' | grep -v '^tests/house/' | xargs grep -nIE '(^|[^A-Za-z0-9._/}-])/(work|home|root)/' ; }
left_for_later() { ours | grep -E '\.(hpp|cpp|cu|sh|py|md|txt|json)$|^\.ci/' | grep -v '^tests/house/' | xargs grep -nIE '(^|[^A-Za-z])(TODO|FIXME)([^A-Za-z]|$)|^(<<<<<<<|>>>>>>>) '; }
unregistered() {
  local file
  for file in $(cd tests && find . \( -name '*.cpp' -o -name '*.cu' \) | sed 's,^\./,,' | sort); do
    case $file in main.cpp | compile_fail/* | fuzz/* | onnx/* | install/* | link/* | mpi/* | cuda/main.cu | wavelet/oracle.cpp) continue ;; esac
    grep -qF "$file" tests/CMakeLists.txt || echo "tests/$file"
  done
}
undescribed() {
  local folder
  for folder in include/cosmoml/*/; do grep -qF "| \`$(basename "$folder")/\` |" docs/architecture.md || echo "$folder"; done
}

rule "folders include only what stands above them" wrong_includes
rule "the library includes no umbrella of its own" umbrellas
rule "Thrust, CUDA, Eigen and xtensor are named in backend/, tensor/ and io/ alone" foreign_names
rule "no heavy standard header in core/ and nn/" heavy
rule "no streams to the terminal, no regular expressions" in_headers '# *include <(iostream|regex)>'
rule "the library prints nothing and ends no program" prints
rule "no file is longer than 400 lines" long_files
rule "every header has #pragma once" without '#pragma once'
rule "every header names its licence" without 'SPDX-License-Identifier: BSL-1.0'
rule "every static_assert has a sentence that begins with cosmoml:" bare_assertions
rule "no variable outside of functions that can change" variables
rule "no path of one machine" machine_paths
rule "nothing is left for later" left_for_later
rule "every file of tests is registered in tests/CMakeLists.txt" unregistered
rule "every folder has its line in docs/architecture.md" undescribed
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
