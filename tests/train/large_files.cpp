// Files larger than memory: a process that may have half a gigabyte trains from a file of five (sparse: the disk holds what is written).
#include <cosmoml/backend/native.hpp>
#include <cosmoml/nn.hpp>
#include <cosmoml/optim.hpp>
#include <cosmoml/train.hpp>

#include <doctest/doctest.h>
#include <support/scratch.hpp>

#include <cmath>
#include <fcntl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

using namespace cosmoml;
using namespace cosmoml::nn;

namespace {
// Sanitizers take terabytes of addresses for themselves.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool sanitized = true;
#elif defined(__has_feature)
constexpr bool sanitized = __has_feature(address_sanitizer) || __has_feature(thread_sanitizer);
#else
constexpr bool sanitized = false;
#endif
constexpr index_t side = 64, rows = 310'000, bytes_a_row = side * side * 4;
constexpr rlim_t memory = rlim_t(1) << 29;
static_assert(rows * bytes_a_row > (index_t(1) << 32) + (index_t(1) << 29), "cosmoml: some rows lie beyond what 32 bits count");
using net = sequential<input<1, side, side>, conv<3, 5, conv_options{.stride = 4}>, relu, flatten, dense<1>>;

const std::vector<int> taken{int(rows) - 1, 0, 131072, 262144, 7, 65536, 200'000, 262143};   // at and around 2 and 4 GB, too
float value(index_t row, index_t e) { return key{5}.fold(std::uint64_t(row)).normal<float>(std::uint64_t(e)); }
float target(index_t row) { return float(row % 5) / 4; }

// An npy file of zeros but for the rows that are taken.
void write_sparse(const std::string& path, const std::string& shape, index_t row_size, auto&& number) {
  std::string header = "{'descr': '<f4', 'fortran_order': False, 'shape': " + shape + ", }";
  header.append(128 - 10 - 1 - header.size(), ' ');
  header = std::string("\x93NUMPY\x01\x00", 8) + char(118) + char(0) + header + '\n';
  REQUIRE(header.size() == 128);
  const int file = ::open(path.c_str(), O_RDWR | O_CREAT | O_TRUNC, 0600);
  REQUIRE(file >= 0);
  bool fine = ::pwrite(file, header.data(), header.size(), 0) == 128 && ::ftruncate(file, off_t(128 + rows * row_size * 4)) == 0;
  std::vector<float> row(static_cast<std::size_t>(row_size));
  for (const int r : taken) {
    for (index_t e = 0; e < row_size; ++e) row[std::size_t(e)] = number(index_t(r), e);
    fine = fine && ::pwrite(file, row.data(), row.size() * 4, off_t(128 + r * row_size * 4)) == ssize_t(row.size() * 4);
  }
  ::close(file);
  REQUIRE(fine);
}
std::vector<float> trained(const auto& data, const train::fit_options& o, auto&&... observers) {
  model<net, backend::native<float>> m(key{3});
  const auto r = train::fit(m, data, mean_squared_error{}, optim::adam{}, o, observers...);
  const auto p = m.canonical_parameters();
  std::vector<float> all(p.begin(), p.end());
  all.push_back(float(r.steps));
  return all;
}
}

TEST_CASE("train/large_files: two steps from a file larger than the memory that there may be, with the bits of samples in memory") {
  if (sanitized) return;
  const tests::scratch folder;
  const train::npy_files paths{folder.file("x.npy"), folder.file("y.npy")};
  write_sparse(paths.inputs, text("(", rows, ", 1, ", side, ", ", side, ")"), side * side, value);
  write_sparse(paths.targets, text("(", rows, ",)"), 1, [](index_t row, index_t) { return target(row); });
  ndarray<float> x(index_t(taken.size()), index_t(1), side, side), y(index_t(taken.size()));
  for (std::size_t i = 0; i < taken.size(); ++i) {
    y[index_t(i)] = target(taken[i]);
    for (index_t e = 0; e < side * side; ++e) x[index_t(i) * side * side + e] = value(taken[i], e);
  }
  const auto wanted = trained(train::pair_up(x, y), {.epochs = 1, .batch_size = 4, .shuffle = false});
  CHECK(wanted.back() == 2);

  int ends[2];
  REQUIRE(::pipe(ends) == 0);
  const pid_t child = ::fork();
  if (child == 0) {
    const rlimit limit{memory, memory};
    std::string said = "the limit was not set";
    if (::setrlimit(RLIMIT_AS, &limit) == 0) try {
        const train::pipeline data(train::npy_source(paths), {.buffer = 64, .chunk = 8});
        const bool equal = trained(data, {.epochs = 1, .batch_size = 4, .order = [](index_t, key) { return taken; }}) == wanted;
        // and in an order of all rows
        struct {
          int steps = 2;
          void on_batch(const train::progress&) { --steps; }
          bool stop_requested() const { return steps == 0; }
        } stop;
        const auto shuffled = trained(data, {.epochs = 1, .batch_size = 16}, stop);
        said = std::string(equal ? "same bits" : "other bits") + (shuffled.back() == 2 ? ", two steps, " : ", ") + tests::message<error>([&] { io::read_npy<float>(paths.inputs); });
      } catch (const std::exception& e) {
        said = e.what();
      }
    (void)!::write(ends[1], said.data(), said.size());
    ::_exit(0);
  }
  ::close(ends[1]);
  std::string said;
  char piece[512];
  for (ssize_t n; (n = ::read(ends[0], piece, sizeof piece)) > 0;) said.append(piece, std::size_t(n));
  ::close(ends[0]);
  int status = -1;
  CHECK(::waitpid(child, &status, 0) == child);
  CHECK(status == 0);
  CHECK(said == "same bits, two steps, cosmoml: reading " + paths.inputs + ": more than there is memory for; read it in parts: npy_file and hdf5_file read rows, train::npy_source feeds a training from them");
}
