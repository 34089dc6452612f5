// What docs/embedding.md shows, run as a simulation would.
#include "embedding/cooling.h"
#include "embedding/cooling_model.hpp"

#include <cosmoml/backend/reference.hpp>
#include <cosmoml/io/state_dict.hpp>
#include <cosmoml/optim.hpp>
#include <cosmoml/tensor/eigen.hpp>
#include <cosmoml/train.hpp>

#include <doctest/doctest.h>

#include <cmath>
#include <cstdio>
#include <unistd.h>
#include <vector>

#ifdef _OPENMP
#include <omp.h>
#else
static int omp_get_thread_num() { return 0; }
static int omp_get_max_threads() { return 1; }
#endif

using namespace cosmoml;

namespace {
struct weights_file {
  std::string path = "/tmp/cosmoml-embedding-" + std::to_string(getpid());
  cooling_model trained{key{4}};
  weights_file() { io::save_weights(path, trained); }
  ~weights_file() { std::remove(path.c_str()); }
};
// state(cells, 4) of Fortran
std::vector<double> states(long cells) {
  std::vector<double> s(std::size_t(4 * cells));
  for (std::size_t i = 0; i < s.size(); ++i) s[i] = 4 * key{9}.uniform(i) - 2;
  return s;
}
double worst(const ndarray<double>& expected, const std::vector<double>& rate, long cells) {
  double most = 0;
  for (long i = 0; i < cells; ++i)
    for (long j = 0; j < 2; ++j) most = std::fmax(most, std::fabs(expected[i * 2 + j] - rate[std::size_t(j * cells + i)]));
  return most;
}
}

TEST_CASE("docs/embedding: threads of a simulation ask one network, each with its workspace, on float64 arrays in Fortran order") {
  weights_file weights;
  const long cells = 2003;
  const std::vector<double> state = states(cells);
  std::vector<double> rate(std::size_t(2 * cells), -99);
  // region: simulation
  char message[500];
  cooling* network = cooling_open(weights.path.c_str(), omp_get_max_threads(), message, sizeof message);
  if (!network) throw std::runtime_error(message);
  int failed = 0;
#pragma omp parallel for schedule(dynamic) reduction(+ : failed)
  for (long first = 0; first < cells; first += 100) {
    const long n = cells - first < 100 ? cells - first : 100;
    failed += cooling_rates(network, omp_get_thread_num(), n, cells, &state[std::size_t(first)], &rate[std::size_t(first)]) != 0;
  }
  // end region
  CHECK(failed == 0);
  nn::model<cooling_net, backend::reference<double>> judge(key{});
  io::load_weights(weights.path, judge);
  ndarray<double> rows(cells, 4);
  for (long i = 0; i < cells; ++i)
    for (long a = 0; a < 4; ++a) rows[i * 4 + a] = state[std::size_t(a * cells + i)];
  CHECK(worst(judge.predict(rows), rate, cells) < 1e-5);
  cooling_close(network);
}

TEST_CASE("docs/embedding: a file that is not there is told in a sentence") {
  char message[500] = "";
  CHECK(cooling_open("/nonexistent/weights.safetensors", 1, message, sizeof message) == nullptr);
  CHECK(std::string(message).find("/nonexistent/weights.safetensors") != std::string::npos);
}

TEST_CASE("docs/embedding: arrays in place") {
  weights_file weights;
  const long cells = 31;
  const std::vector<double> memory = states(cells);
  const double* state = memory.data();
  cooling_model m(key{4});
  const cooling_model& shared = m;
  cooling_model::workspace work(shared, {.max_batch = 16});
  // region: arrays
  // Fortran: state(cells, 4), rate(cells, 2). Strides are in elements.
  ndview<const double> in(state, cells, 4);
  in.stride[0] = 1, in.stride[1] = cells;
  std::vector<double> rate(std::size_t(2 * cells));
  ndview<double> out(rate.data(), cells, 2);
  out.stride[0] = 1, out.stride[1] = cells;
  shared.predict_into(work, in, out);

  // Fields inside of structs: the stride is the size of a struct, in elements.
  struct particle {
    float position[3], velocity[3], state[4], rate[2];
  };
  std::vector<particle> particles(std::size_t(cells), particle{});
  ndview<const float> of_particles(particles[0].state, cells, 4);
  ndview<float> into_particles(particles[0].rate, cells, 2);
  of_particles.stride[0] = into_particles.stride[0] = sizeof(particle) / sizeof(float);
  shared.predict_into(work, of_particles, into_particles);

  // Eigen, in either storage order: rows are samples.
  const Eigen::Map<const Eigen::MatrixXd> matrix(state, cells, 4);
  Eigen::MatrixXd result(cells, 2);
  shared.predict_into(work, matrix, result);
  // end region
  for (long i = 0; i < cells; ++i)
    for (long j = 0; j < 2; ++j) CHECK(result(i, j) == rate[std::size_t(j * cells + i)]);
  const auto zero = m.predict(std::vector<float>(4));
  for (const particle& p : particles)
    for (int j = 0; j < 2; ++j) CHECK(p.rate[j] == doctest::Approx(zero[j]).epsilon(1e-5));
  // region: training
  ndview<const double> targets(rate.data(), cells, 2);
  targets.stride[0] = 1, targets.stride[1] = cells;
  const auto report = train::fit(m, train::pair_up(in, targets), nn::mean_squared_error{}, optim::adam{}, {.epochs = 3});
  // end region
  CHECK(report.history.size() == 3);
  CHECK(report.history.front().loss < 1e-3);   // the targets are the predictions of this very network
}

TEST_CASE("docs/embedding: what to catch") {
  cooling_model m(key{1});
  const std::vector<float> x(7);
  std::string said;
  auto log = [&](const char* text) { said = text; };
  // region: error
  try {
    m.predict(x);   // 7 numbers, where one sample takes 4
  } catch (const shape_mismatch& e) {   // or error, for all of them
    log(e.what());
  }
  // end region
  CHECK(said == "cosmoml: model.predict: 7 numbers where one sample takes 4; give whole samples, one after the other");
}
