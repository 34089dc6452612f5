#!/usr/bin/env bash
# A consumer builds against the installed package, the build tree, a subdirectory, pkg-config, and plain -I.
# Ends with "N passed, N failed".
cd "$(dirname "$0")/../.." || exit 1
top=$PWD
. tests/support/setup.sh
need $build_tools zlib1g-dev
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
components() {
  cmake -S "$top/tests/install/components" -B "$work/components" -G Ninja -DCMAKE_PREFIX_PATH="$work/moved" | tee "$work/found" && cmake --build "$work/components"
}
by_pkg_config() {
  local flags
  flags=$(PKG_CONFIG_PATH="$work/moved/share/pkgconfig" pkg-config --cflags cosmoml) &&
    g++ $flags "$top/tests/install/main.cpp" -o "$work/pc" -lz && "$work/pc"
}
plain() { g++ -std=c++20 -I"$top/include" "$top/tests/install/main.cpp" -o "$work/plain" -lz && "$work/plain"; }
# refuses VERSION COMPONENT SENTENCE ARGUMENTS...: find_package fails and says why
refuses() {
  local said
  rm -rf "$work/wants" && mkdir "$work/wants"
  printf 'cmake_minimum_required(VERSION 3.22)\nproject(w LANGUAGES CXX)\nfind_package(cosmoml %s REQUIRED COMPONENTS %s)\n' "$1" "$2" >"$work/wants/CMakeLists.txt"
  if said=$(cmake -S "$work/wants" -B "$work/wants/build" -G Ninja -DCMAKE_PREFIX_PATH="$work/moved" "${@:4}" 2>&1); then
    echo "it was found"
    return 1
  fi
  tr -s ' \n' ' ' <<<"$said" | grep -F "$3" || { echo "$said"; return 1; }
}

attempt "cmake --install" install_it
attempt "its move to another folder" mv "$work/prefix" "$work/moved"
attempt "the installed package" consume installed -DCMAKE_PREFIX_PATH="$work/moved"
attempt "the build tree" consume tree -Dcosmoml_DIR="$work/build"
attempt "add_subdirectory" consume sub -DCOSMOML_SOURCE="$top"
attempt "each component that is found" components
attempt "pkg-config" by_pkg_config
attempt "plain -I" plain
attempt "a component that does not exist is refused" refuses 0.1 nonsense "there is no component nonsense; ask for one of eigen, xtensor,"
attempt "a component without its library is refused" refuses 0.1 zlib "the component zlib was asked for and its library was not found; install it" \
  -DCMAKE_DISABLE_FIND_PACKAGE_ZLIB=ON
attempt "another minor version is refused" refuses 0.2 "" 'compatible with requested version "0.2"'
grep 'left out:' "$work/found" | sed 's/^-- //'
echo "$passed passed, $failed failed"
[ $failed -eq 0 ] && [ $passed -gt 0 ]
