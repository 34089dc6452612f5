#include "support/backends.hpp"
#include "support/scratch.hpp"

#include <cosmoml/nn.hpp>
#include <cosmoml/optim.hpp>

using namespace cosmoml;
using namespace cosmoml::nn;
using tests::tested;
using S = tested::scalar;

using net = sequential<input<4>, named<"hidden", dense<13>>, relu, dense<3>>;

TEST_CASE("nn/model: parameters have PyTorch's names and order") {
  model<net, tested> m(key{1});
  std::vector<std::string> names;
  m.fields([&](const std::string& path, const field& f, auto) { names.push_back(path + text(f.shape)); });
  CHECK(names == std::vector<std::string>{"hidden.weight(13, 4)", "hidden.bias(13,)", "2.weight(3, 13)", "2.bias(3,)"});
  ndarray<double> p(m.parameter_count);
  for (index_t i = 0; i < p.size(); ++i) p[i] = double(i) / 8;
  m.set_canonical_parameters(p);
  const auto back = m.canonical_parameters();
  for (index_t i = 0; i < p.size(); ++i) CHECK(double(back[i]) == p[i]);
  // y = W x + b by hand
  const std::vector<S> x{1, -2, 3, 0.5};
  const auto y = m.predict(x);
  for (int o = 0; o < 3; ++o) {
    double sum = p[13 * 4 + 13 + 39 + o];
    for (int h = 0; h < 13; ++h) {
      double a = p[52 + h];
      for (int i = 0; i < 4; ++i) a += p[h * 4 + i] * double(x[std::size_t(i)]);
      sum += p[65 + o * 13 + h] * std::max(a, 0.0);
    }
    CHECK(double(y[o]) == doctest::Approx(sum).epsilon(1e-6));
  }
}

TEST_CASE("nn/model: one key gives one model, in PyTorch's bounds, the same on every backend") {
  model<net, tested> a(key{5}), b(key{5}), c(key{6});
  model<net, backend::reference<double>> judge(key{5});
  const auto pa = a.canonical_parameters(), pb = b.canonical_parameters(), pc = c.canonical_parameters();
  const auto pj = judge.canonical_parameters();
  bool differ = false;
  for (index_t i = 0; i < pa.size(); ++i) {
    CHECK(pa[i] == pb[i]);
    CHECK(pa[i] == S(pj[i]));
    differ = differ || pa[i] != pc[i];
    CHECK(std::abs(double(pa[i])) <= (i < 65 ? 0.5 : 1 / std::sqrt(13.0)) + 1e-7);
  }
  CHECK(differ);
}

TEST_CASE("nn/model: batches of any size; predictions do not depend on how they are cut") {
  model<net, tested> m(key{1});
  ndarray<float> x(300, 4);
  for (index_t i = 0; i < x.size(); ++i) x[i] = float(key{2}.uniform(std::uint64_t(i)));
  const auto all = m.predict(x);
  CHECK(all.rank() == 2);
  CHECK(all.dim(1) == 3);
  for (index_t n : {index_t(0), index_t(255), index_t(299)}) {
    const auto one = m.predict(x.view().middle_rows(n, 1));
    for (int o = 0; o < 3; ++o) CHECK(double(one[o]) == doctest::Approx(double(all[n * 3 + o])).epsilon(1e-5));
  }
  CHECK(m.predict(ndarray<float>(0, 4)).size() == 0);
}

TEST_CASE("nn/model: gradients add up over backward passes") {
  model<net, tested> m(key{1});
  m.load(std::vector<S>{1, 2, 3, 4});
  m.forward();
  tested::assign(m.context(), m.output_gradient(), S(1));
  m.zero_gradients();
  m.backward();
  const auto once = m.canonical_gradients();
  m.forward();
  tested::assign(m.context(), m.output_gradient(), S(1));
  m.backward();
  const auto twice = m.canonical_gradients();
  for (index_t i = 0; i < once.size(); ++i) CHECK(double(twice[i]) == doctest::Approx(2 * double(once[i])));
}

TEST_CASE("nn/model: parameters move between backends and modes") {
  model<net, tested> here(key{1});
  model<net, backend::reference<float>> there(key{2});
  there.set_canonical_parameters(here.canonical_parameters());
  model<net, tested, mode::inference> used(there);
  const std::vector<S> x{0.25, -1, 2, 0};
  const auto a = here.predict(x), b = used.predict(x);
  for (int o = 0; o < 3; ++o) CHECK(double(a[o]) == doctest::Approx(double(b[o])).epsilon(1e-6));
}

TEST_CASE("nn/model: wrong sizes are told with both numbers") {
  using tests::message, tests::says;
  model<net, tested> m(key{1});
  says(message<shape_mismatch>([&] { m.load(std::vector<float>(7)); }), "7 numbers where one sample takes 4");
  says(message<shape_mismatch>([&] { m.predict(ndarray<float>(2, 5)); }), "5 elements a row where one sample takes 4");
  says(message<shape_mismatch>([&] { m.set_canonical_parameters(std::vector<float>(3)); }), "3 numbers for 107 parameters");
}

TEST_CASE("nn/model: named layers are found") {
  struct scaled : relu {
    double factor = 1;
  };
  model<sequential<input<2>, named<"knob", scaled>, dense<2>>, tested> m(key{1});
  m.template layer<"knob">().factor = 3;
  CHECK(m.template layer<"knob">().factor == 3);
}

TEST_CASE("nn/model: summary names the backend") {
  CHECK((model<net, tested>::summary().find(tested::name) != std::string::npos));
}
