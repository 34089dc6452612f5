# Sourced by examples/run.sh, tests/run.sh and benchmarks/run.sh: installs what a fresh Debian machine lacks, and says what.
# need PACKAGE ...   Debian packages that must be there. COSMOML_NO_INSTALL=1 (--no-install) installs nothing; it only says what is not there.

need() {
  command -v dpkg-query >/dev/null 2>&1 || return 0   # not a Debian machine: the compiler will say what is missing
  local missing="" package
  for package in "$@"; do
    dpkg-query -W -f='${Status}' "$package" 2>/dev/null | grep -q 'install ok installed' || missing="$missing $package"
  done
  [ -z "$missing" ] && return 0
  if [ "${COSMOML_NO_INSTALL:-0}" = 1 ]; then
    echo "Not installed, and left so (--no-install):$missing"
    return 0
  fi
  local root=""
  if [ "$(id -u)" != 0 ]; then
    if sudo -n true 2>/dev/null; then root="sudo -n"; else
      echo "These packages are missing:$missing"
      echo "Run this line, then this script again (or pass --no-install if you have them elsewhere):"
      echo "  sudo apt-get update && sudo apt-get install -y --no-install-recommends$missing"
      exit 1
    fi
  fi
  echo "Installing:$missing"
  local log
  log=$(mktemp)
  if ! { $root env DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=300 update &&
         $root env DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=300 install -y --no-install-recommends $missing; } >"$log" 2>&1; then
    tail -n 20 "$log"
    echo "Installing failed. By hand: apt-get update && apt-get install -y --no-install-recommends$missing"
    exit 1
  fi
  rm -f "$log"
}

# Objects of one checkout serve another.
export CCACHE_BASEDIR=$PWD CCACHE_NOHASHDIR=true

build_tools="g++ cmake ninja-build ccache pkg-config"
# Thrust: from a CUDA toolkit if there is one.
thrust_package() {
  command -v nvcc >/dev/null 2>&1 || [ -x /usr/local/cuda/bin/nvcc ] || echo libthrust-dev
}
# jobs: as many compilers at once as there are cores, and 1.5 GB for each; COSMOML_JOBS says otherwise.
jobs() {
  local cores memory
  if [ -n "${COSMOML_JOBS:-}" ]; then echo "$COSMOML_JOBS"; return 0; fi
  cores=$(nproc)
  memory=$(awk '/MemAvailable/ { print int($2 / 1500000) }' /proc/meminfo)
  [ "$memory" -lt 1 ] && memory=1
  [ "$memory" -lt "$cores" ] && cores=$memory
  echo "$cores"
}
