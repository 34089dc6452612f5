// The bar on a terminal (a pseudo-terminal), and its silence elsewhere.
#include <cosmoml/train/progress_bar.hpp>

#include <doctest/doctest.h>

#include <cstdlib>
#include <fcntl.h>

using namespace cosmoml;

namespace {
void tell(std::FILE* to) {
  train::progress_bar bar("two fits", 2, to);
  auto first = bar.task(0);
  first.on_batch({0, 2, 5, 10, 1000, 0.25, 0});   // a quarter of one of two fits: 500 samples
  {
    auto second = bar.task(1);
    second.on_batch({0, 1, 1, 10, 100, 0.5, 0});
  }   // done
}
}

TEST_CASE("train/progress_bar: says nothing where nobody watches") {
  std::FILE* file = std::tmpfile();
  REQUIRE(file);
  tell(file);
  CHECK(std::ftell(file) == 0);
  std::fclose(file);
}

TEST_CASE("train/progress_bar: on a terminal a bar, the share done, the rate, the time left and the loss") {
  const int master = posix_openpt(O_RDWR | O_NOCTTY);
  if (master < 0 || grantpt(master) != 0 || unlockpt(master) != 0) {
    std::puts("skipped: no pseudo-terminals here");
    return;
  }
  const int slave = open(ptsname(master), O_RDWR | O_NOCTTY);
  REQUIRE(slave >= 0);
  std::FILE* terminal = fdopen(slave, "w");
  tell(terminal);
  std::fflush(terminal);
  std::string text;   // up to the end of the line, in as many pieces as the kernel makes of it
  char piece[4096];
  while (text.find('\n') == std::string::npos) {
    const ssize_t n = read(master, piece, sizeof piece);
    REQUIRE(n > 0);
    text.append(piece, std::size_t(n));
  }
  std::fclose(terminal);
  close(master);
  INFO(text);
  CHECK(text.find("two fits") != std::string::npos);
  CHECK(text.find("samples/s") != std::string::npos);
  CHECK(text.find("left") != std::string::npos);
  CHECK(text.find(" 12 %") != std::string::npos);   // a half of a half of one of two
  CHECK(text.find(" 62 %") != std::string::npos);   // the second fit counts as done
  CHECK(text.find("loss 0.2500") != std::string::npos);
  CHECK(text.find("\r") != std::string::npos);
}
