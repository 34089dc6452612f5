// SPDX-License-Identifier: BSL-1.0
// measure COMMAND...: runs it, then prints the seconds that processors worked on it (others may share the machine) and the largest memory of it and
// its children in MB.
#include <cstdio>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

static double seconds(timeval t) { return double(t.tv_sec) + 1e-6 * double(t.tv_usec); }

int main(int argc, char** argv) {
  if (argc < 2) return 2;
  const pid_t child = fork();
  if (child == 0) {
    execvp(argv[1], argv + 1);
    std::perror(argv[1]);
    _exit(127);
  }
  int status = 0;
  waitpid(child, &status, 0);
  rusage use{};
  getrusage(RUSAGE_CHILDREN, &use);
  std::printf("%.2f %.0f\n", seconds(use.ru_utime) + seconds(use.ru_stime), double(use.ru_maxrss) / 1024);
  return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}
