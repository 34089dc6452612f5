// What is written to standard output and standard error, whoever writes it and however.
#pragma once
#include <cstdio>
#include <exception>
#include <string>
#include <unistd.h>

namespace tests {

// What `work` and all that it calls write there.
template <class F>
std::string printed_by(F&& work) {
  std::FILE* const kept = std::tmpfile();
  if (!kept) return "there is no temporary file";
  std::fflush(nullptr);
  const int out = dup(1), err = dup(2);
  dup2(fileno(kept), 1), dup2(fileno(kept), 2);
  std::string failed;
  try {
    work();
  } catch (const std::exception& e) {
    failed = e.what();
  }
  std::fflush(nullptr);
  dup2(out, 1), dup2(err, 2), close(out), close(err);
  std::string all;
  char piece[4096];
  std::rewind(kept);
  while (const std::size_t n = std::fread(piece, 1, sizeof piece, kept)) all.append(piece, n);
  std::fclose(kept);
  return failed.empty() ? all : all + "it ended early: " + failed;
}

}
