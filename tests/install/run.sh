#!/usr/bin/env bash
# A consumer builds against the installed package, the build tree, a subdirectory, pkg-config, and plain -I.
# Ends with "N passed, N failed".
cd "$(dirname "$0")/../.." || exit 1
top=$PWD
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
passed=0 failed=0
attempt() {
  local name=$1
  shift
  if log=$("$@" 2>&1); then passed=$((passed + 1)); else
    failed=$((failed + 1))
    echo "FAILED $name"
    tail -n 15 <<<"$log"
  fi
}
consume() {   # consume FOLDER ARGUMENTS...
  local folder=$1
  shift
  cmake -S "$top/tests/install" -B "$work/$folder" -G Ninja "$@" && cmake --build "$work/$folder" && "$work/$folder/consumer"
}
install_it() {
  cmake -S "$top" -B "$work/build" -G Ninja -DCOSMOML_BUILD_TESTS=OFF -DCOSMOML_BUILD_EXAMPLES=OFF -DCMAKE_INSTALL_PREFIX="$work/prefix" &&
    cmake --install "$work/build"
}
by_pkg_config() {
  local flags
  flags=$(PKG_CONFIG_PATH="$work/prefix/share/pkgconfig" pkg-config --cflags cosmoml) &&
    g++ $flags "$top/tests/install/main.cpp" -o "$work/pc" -lz && "$work/pc"
}
plain() { g++ -std=c++20 -I"$top/include" "$top/tests/install/main.cpp" -o "$work/plain" -lz && "$work/plain"; }
refuses() { ! cmake -S "$work/wants" -B "$work/wants/build" -G Ninja -DCMAKE_PREFIX_PATH="$work/prefix"; }

attempt "cmake --install" install_it
attempt "the installed package" consume installed -DCMAKE_PREFIX_PATH="$work/prefix"
attempt "the build tree" consume tree -Dcosmoml_DIR="$work/build"
attempt "add_subdirectory" consume sub -DCOSMOML_SOURCE="$top"
attempt "pkg-config" by_pkg_config
attempt "plain -I" plain
mkdir -p "$work/wants"
printf 'cmake_minimum_required(VERSION 3.22)\nproject(w LANGUAGES CXX)\nfind_package(cosmoml REQUIRED COMPONENTS nonsense)\n' >"$work/wants/CMakeLists.txt"
attempt "a component that does not exist is refused" refuses
echo "$passed passed, $failed failed"
[ $failed -eq 0 ] && [ $passed -gt 0 ]
