#!/usr/bin/env bash
# Looks at the built site in headless Chromium, as wide as a phone (390) and as a screen (1280): index and every hand-written page. None may scroll sideways, none may
# lack an image or a formula, none may stop at an error of its scripts. Pictures go to build/docs/look, for people. Ends with "N passed, N failed".
# usage: bash docs/look.sh [--install] [SITE]      --install: Debian's chromium, if it is not there; SITE: build/docs, from docs/build.sh
cd "$(dirname "$0")/.." || exit 1
if [ "${1:-}" = --install ]; then
  shift
  . tests/support/setup.sh
  need chromium python3
fi
site=${1:-build/docs}
for tool in chromium python3; do command -v $tool >/dev/null || { echo "$tool is missing: bash docs/look.sh --install"; exit 1; }; done
[ -f "$site/index.html" ] || { echo "no site in $site: bash docs/build.sh"; exit 1; }
mkdir -p build/docs/look && rm -f build/docs/look/*.png
exec python3 docs/look.py "$site" build/docs/look
