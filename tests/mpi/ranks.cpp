// Two ranks, or any number: each fits a model of its own and predicts with one that all have, at the same time; merged moments are those of one
// rank that saw everything. Rank 0 prints "N passed, N failed".
#include <cosmoml/backend/native.hpp>
#include <cosmoml/nn.hpp>
#include <cosmoml/optim.hpp>
#include <cosmoml/prob/moments.hpp>
#include <cosmoml/train.hpp>

#include <mpi.h>

#include <cmath>
#include <cstdio>
#include <vector>

using namespace cosmoml;
using namespace cosmoml::nn;
using B = backend::native<float>;

namespace {
using net = sequential<input<12>, dense<33>, relu, batch_norm<>, dense<9>, relu, dropout<dropout_options{.rate = 0.1}>, dense<2>>;

std::vector<float> fitted(int number) {
  const index_t n = 60 + number;
  ndarray<float> x(n, 12), y(n, 2);
  for (index_t i = 0; i < x.size(); ++i) x[i] = key{1}.fold(std::uint64_t(number)).normal<float>(std::uint64_t(i));
  for (index_t i = 0; i < y.size(); ++i) y[i] = x[i * 6] - x[i * 6 + 1];
  model<net, B> m(key{std::uint64_t(10 + number)});
  train::fit(m, train::pair_up(x, y), mean_squared_error{}, optim::adam{{.learning_rate = 0.01}}, {.epochs = 20, .batch_size = 16, .randomness = key{std::uint64_t(number)}});
  const auto p = m.canonical_parameters(), s = m.canonical_statistics();
  std::vector<float> all(p.begin(), p.end());
  all.insert(all.end(), s.begin(), s.end());
  return all;
}
std::vector<float> predicted() {
  model<net, B, mode::inference> m(key{5}, {.max_batch = 16});
  ndarray<float> x(101, 12);
  for (index_t i = 0; i < x.size(); ++i) x[i] = key{6}.normal<float>(std::uint64_t(i));
  const auto y = m.predict(x);
  return {y.begin(), y.end()};
}
// Row i of all the data.
void row(std::uint64_t i, double (&r)[3]) {
  r[0] = 1e6 + key{7}.normal(3 * i), r[1] = 0.5 * r[0] + key{7}.normal(3 * i + 1), r[2] = 1e-3 * key{7}.normal(3 * i + 2);
}
std::vector<float> from_rank(std::vector<float> mine, int from, int rank) {
  if (rank == from) MPI_Send(mine.data(), int(mine.size()), MPI_FLOAT, 0, 0, MPI_COMM_WORLD);
  if (rank == 0) MPI_Recv(mine.data(), int(mine.size()), MPI_FLOAT, from, 0, MPI_COMM_WORLD, MPI_STATUS_IGNORE);
  return mine;
}
}

int main(int argc, char** argv) {
  MPI_Init(&argc, &argv);
  int rank = 0, ranks = 0, passed = 0, failed = 0;
  MPI_Comm_rank(MPI_COMM_WORLD, &rank);
  MPI_Comm_size(MPI_COMM_WORLD, &ranks);
  const auto check = [&](bool right, const char* what) {
    ++(right ? passed : failed);
    if (!right) std::printf("FAILED %s\n", what);
  };
  MPI_Barrier(MPI_COMM_WORLD);
  const auto mine = fitted(rank), predictions = predicted();

  constexpr std::uint64_t rows = 10007;
  prob::moments part(3);
  double r[3];
  for (std::uint64_t i = std::uint64_t(rank); i < rows; i += std::uint64_t(ranks)) row(i, r), part.add(r);
  const auto numbers = part.numbers();
  std::vector<double> all(numbers.size() * std::size_t(ranks));
  MPI_Gather(numbers.data(), int(numbers.size()), MPI_DOUBLE, all.data(), int(numbers.size()), MPI_DOUBLE, 0, MPI_COMM_WORLD);

  for (int other = 1; other < ranks; ++other) {
    const auto their = from_rank(mine, other, rank), theirs = from_rank(predictions, other, rank);
    if (rank == 0) {
      check(their == fitted(other), "what another rank fitted is, to the bit, what this one fits with its key and data");
      check(their != mine, "ranks fit models of their own");
      check(theirs == predictions, "one model predicts the same bits on both ranks");
    }
  }
  if (rank == 0) {
    prob::moments merged(3), whole(3);
    for (int i = 0; i < ranks; ++i) merged.merge(prob::moments::from_numbers(3, {all.data() + std::size_t(i) * numbers.size(), numbers.size()}));
    for (std::uint64_t i = 0; i < rows; ++i) row(i, r), whole.add(r);
    check(ranks > 1, "there is more than one rank");
    check(merged.weight() == whole.weight() && merged.weight() == double(rows), "every row is counted once");
    const auto a = merged.covariance(), b = whole.covariance();
    bool same = true;
    for (int i = 0; i < 3; ++i) {
      same = same && std::abs(merged.mean()[std::size_t(i)] - whole.mean()[std::size_t(i)]) <= 1e-14 * std::abs(whole.mean()[std::size_t(i)]) + 1e-17;
      for (int j = 0; j < 3; ++j) same = same && std::abs(a[3 * i + j] - b[3 * i + j]) <= 1e-8 * std::sqrt(b[4 * i] * b[4 * j]);
    }
    check(same, "merged mean and covariance are those of one rank");
    std::printf("%d passed, %d failed\n", passed, failed);
  }
  MPI_Finalize();
  return failed == 0 ? 0 : 1;
}
