# Sourced by run.sh, and by tests that ask Python: environments of the peers, in the user's cache and never in the clone.
# environment NAME SIZE FILE ...   prints the interpreter of an environment with exactly these requirements, made when it is not there yet;
#                                  fails, with a line on standard error, when it cannot be made.
environment() {
  local name=$1 size=$2
  shift 2
  local hash folder log
  hash=$(cat "$@" | sha256sum | cut -c1-12)
  folder=${XDG_CACHE_HOME:-$HOME/.cache}/cosmoml/peers-$hash
  if [ ! -f "$folder/complete" ]; then
    echo "peers: making the environment of $name in $folder: $size" >&2
    log=$(mktemp)
    if ! fill "$folder" "$@" >"$log" 2>&1; then
      tail -n 5 "$log" >&2
      echo "peers: $name is skipped: its environment could not be made (is the package index reachable?)" >&2
      rm -rf "$folder" "$log"
      return 1
    fi
    rm -f "$log"
    touch "$folder/complete"
  fi
  echo "$folder/bin/python"
}
# python_with MODULES NAME SIZE FILE ...   the same, but with --no-install the machine's own interpreter if it has the modules; nothing if there is none.
python_with() {
  local modules=$1
  shift
  if [ "${COSMOML_NO_INSTALL:-0}" != 1 ]; then environment "$@" || true
  elif python3 -c "import $modules" 2>/dev/null; then echo python3; fi
}
# The last files are for a torch that was built for CUDA; their names end in _cuda.txt.
fill() {
  local folder=$1 file
  shift
  rm -rf "$folder"
  python3 -m venv "$folder" || return 1
  for file in "$@"; do
    case $file in *_cuda.txt) grep -q "^cuda:.*= *'" "$folder"/lib/python3*/site-packages/torch/version.py || continue ;; esac
    "$folder/bin/pip" install --disable-pip-version-check --no-cache-dir --no-deps -r "$file" || return 1
  done
}
