// Gradients of whole networks, narrow ones: composites in composites, statistics, dropout and sampling among them.
#include <cosmoml/backend/native.hpp>
#include <cosmoml/nn/check_layer.hpp>
#include <cosmoml/papers/deepcmb.hpp>
#include <cosmoml/papers/halo_profiles.hpp>
#include <cosmoml/optim/adam.hpp>
#include <cosmoml/train/fit.hpp>
#include <doctest/doctest.h>

using namespace cosmoml;
using namespace cosmoml::nn;

namespace {
template <class Net>
void check(layer_check_options options) {
  const auto report = check_layer<Net, backend::native<double>>(key{17}, options);
  INFO(report.describe());
  CHECK(report.within(1e-6));
}
}

TEST_CASE("papers/gradients: the ResUNet") { check<papers::deepcmb::resunet<8, 2>>({.batch = 2, .entries = 150}); }
TEST_CASE("papers/gradients: the variational encoder with image and radius") {
  using namespace papers::halo_profiles;
  using encode = sequential<block<2>, block<3, false>, flatten, dense<6>>;
  check<papers::halo_profiles::network<6, 3, encode, papers::halo_profiles::decoder<3, 5>>>({.batch = 3, .entries = 100});
}

namespace {
using encode = sequential<papers::halo_profiles::block<2>, papers::halo_profiles::block<3, false>, flatten, dense<6>>;
using ive = papers::halo_profiles::network<6, 3, encode, papers::halo_profiles::decoder<3, 5>>;

ndarray<double> noise(index_t rows, index_t columns, std::uint64_t stream) {
  ndarray<double> x(rows, columns);
  for (index_t i = 0; i < x.size(); ++i) x[i] = 2 * key{stream}.uniform(std::uint64_t(i)) - 1;
  return x;
}
}

TEST_CASE("papers/gradients: the variational encoder's loss, its draws fixed by the key") {
  model<ive, backend::native<double>> m(key{3});
  const auto x = noise(4, ive::input_extents.size(), 1), t = noise(4, 1, 2);
  auto p = m.canonical_parameters();
  const auto value = [&] {
    m.set_canonical_parameters(p);
    m.load(x);
    m.zero_gradients();
    return m.add_gradients(papers::halo_profiles::loss<3>(0.7), t.data(), static_cast<const double*>(nullptr), 0.25, key{5}) / 4;
  };
  value();
  const auto g = m.canonical_gradients();
  const auto r = ad::check_gradient(value, {p.data(), std::size_t(p.size())}, {g.data(), std::size_t(g.size())}, {.entries = 120});
  INFO(r.describe());
  CHECK(r.within(1e-6));
}
TEST_CASE("papers/gradients: beta decides whether latents are used") {
  // One number of the cube decides the target: with a small beta a latent carries it, with a large one all collapse.
  auto x = noise(256, ive::input_extents.size(), 7);
  ndarray<double> t(256, 1);
  for (index_t n = 0; n < 256; ++n) {
    for (index_t e = 0; e < 216; ++e) x.row(n)[e] = 0.1 * x.row(n)[e] + (n % 2 ? 1 : -1);
    t[n] = n % 2 ? 1 : -1;
  }
  const auto trained = [&](double beta) {
    model<ive, backend::native<double>> m(key{3});
    const auto report = train::fit(m, train::pair_up(x, t), papers::halo_profiles::loss<3>(beta), optim::adam{{.learning_rate = 5e-3}}, {.epochs = 12, .batch_size = 16, .randomness = key{9}});
    const auto y = m.predict(x);
    const auto d = variational_loss<3>::divergences(y);
    double error = 0;
    for (index_t n = 0; n < 256; ++n) error += (y.row(n)[0] - t[n]) * (y.row(n)[0] - t[n]) / 256;
    return std::array<double, 2>{d[0] + d[1] + d[2], error};
  };
  const auto used = trained(1e-3), collapsed = trained(10);
  CHECK(used[0] > 0.5);
  CHECK(used[1] < 0.1);
  CHECK(collapsed[0] < 0.01);
  CHECK(collapsed[1] > 0.8);   // nothing but the mean is left
}
TEST_CASE("papers/gradients: the schedule of beta") {
  using papers::halo_profiles::beta_after;
  CHECK(beta_after(0) == doctest::Approx(1.00012e-4).epsilon(1e-5));
  CHECK(beta_after(30) == doctest::Approx(1.84225e-4).epsilon(1e-5));
  CHECK(beta_after(60) == doctest::Approx(2.99977e-4).epsilon(1e-5));
  CHECK(beta_after(30, 1e-3) == doctest::Approx(1.17583e-3).epsilon(1e-5));
}
