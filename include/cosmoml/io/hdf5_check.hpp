// SPDX-License-Identifier: BSL-1.0
#pragma once
#include <cosmoml/io/hdf5.hpp>

#include <csignal>
#include <sys/wait.h>

namespace cosmoml::inline COSMOML_ABI::io {

namespace detail {
// Reads all arrays of numbers and all attributes; how many there are.
inline index_t hdf5_walk(const hdf5_file& f, const std::string& group, int depth) {
  index_t n = 0;
  const auto attempt = [&](auto&& call) {
    try {
      call();
      ++n;
    } catch (const error&) {
    }
  };
  const auto look = [&](const std::string& object) {
    attempt([&] {
      for (const std::string& a : f.attribute_names(object)) {
        attempt([&] { f.attributes<double>(object, a); });
        attempt([&] { f.text_attribute(object, a); });
      }
    });
  };
  look(group);
  std::vector<std::string> names;
  attempt([&] { names = f.names(group); });
  for (const std::string& name : names) {
    const std::string path = group == "/" ? name : group + "/" + name;
    try {
      f.read<double>(path);
      ++n;
      look(path);
    } catch (const error&) {
      if (depth < 16) n += hdf5_walk(f, path, depth + 1);
    }
  }
  return n;
}
}

// For a file that may be damaged and has no checksums, which most programs write: the HDF5 library itself crashes on some of them (1.10.8: one wrong bit in
// some thousands). Reads all of it in a process of its own, so that a crash there is an io_error here. As slow as reading the file; not in a program
// that has other threads at work.
inline void check_hdf5(const std::string& path) {
  const std::string asked = "checking " + path;
  const pid_t child = ::fork();
  if (child < 0) throw io_error(asked, std::strerror(errno), "check how many processes there may be");
  if (child == 0) {
    for (const int s : {SIGSEGV, SIGBUS, SIGABRT, SIGFPE, SIGILL}) std::signal(s, SIG_DFL);   // whatever the program does about them
    ::alarm(600);
    int refused = 1;
    try {
      detail::hdf5_walk(hdf5_file(path), "/", 0);
      refused = 0;
    } catch (...) {
    }
    ::_exit(refused);
  }
  int status = -1;
  while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  if (status == 0) return;
  if (WIFEXITED(status)) hdf5_file{path};   // says why
  throw io_error(asked, WIFSIGNALED(status) ? text("the HDF5 library ended by signal ", WTERMSIG(status)) : "the HDF5 library ended", "fetch the file again; this copy is damaged");
}

}
