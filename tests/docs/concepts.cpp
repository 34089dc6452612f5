// The minimal models that docs/concepts.md shows, held against the laws.
#include <cosmoml/backend/native.hpp>
#include <cosmoml/nn.hpp>
#include <cosmoml/nn/check_layer.hpp>
#include <cosmoml/optim.hpp>
#include <cosmoml/prob.hpp>
#include <cosmoml/train.hpp>
#include <cosmoml/wavelet.hpp>

#include <doctest/doctest.h>

#include <cmath>
#include <vector>

using namespace cosmoml;
using B = backend::native<float>;

namespace {
// region: activation
struct square {   // y = x^2
  static constexpr const char* name = "square";
  static constexpr bool keeps_zero = true;   // f(0) = 0: whole vectors may be swept, padding stays zero
  template <class T>
  COSMOML_HD T operator()(T x) const {
    return x * x;
  }
  template <class T>
  COSMOML_HD T slope_at_input(T x) const {   // or slope_at_output(y), which needs no x in memory
    return 2 * x;
  }
};
using squared = nn::elementwise<square>;
// end region

// region: layer
// y[c] = gain[c] x[c], one gain a feature.
template <class X, class W, class Y>
struct times {
  X x;
  W w;
  Y y;
  COSMOML_HD void operator()(index_t i) const {
    constexpr index_t size = X::sample_size;
    y(i / size, i % size) = w(0, i % size) * x(i / size, i % size);
  }
};
template <class X, class DY, class G>
struct add_gain_gradient {   // of one gain: the sum over the batch
  X x;
  DY dy;
  G g;
  COSMOML_HD void operator()(index_t c) const {
    typename X::scalar sum = 0;
    for (index_t n = 0; n < x.batch; ++n) sum += dy(n, c) * x(n, c);
    g(0, c) += sum;
  }
};
struct gain {
  static constexpr bool reads_output = false;
  static constexpr extents output(extents in) { return in.rank == 1 ? in : extents::broken(); }
  static constexpr auto fields(extents in) { return std::array{field{"weight", {in[0]}, role::vector, in[0]}}; }
  template <int Index, class Before, class In>
  using mistake = nn::layer_rejects_its_input<nn::at<Index, gain>, Before, In>;
  static std::string label() { return "gain"; }

  template <class Pass, class P, class X, class Y, class S>
  void forward(Pass& pass, P p, X x, Y y, S*) const {
    const auto w = p.template get<"weight">();
    Pass::backend::for_each(pass.context, x.elements(), times<X, decltype(w), Y>{x, w, y});
  }
  template <class Pass, class P, class X, class Y, class DY, class DX, class G, class S>
  void backward(Pass& pass, P p, X x, Y, DY dy, DX dx, G g, S*) const {
    const auto w = p.template get<"weight">();
    const auto dw = g.template get<"weight">();
    Pass::backend::for_each(pass.context, X::sample_size, add_gain_gradient<X, DY, decltype(dw)>{x, dy, dw});   // adds
    if constexpr (Wanted<DX>) Pass::backend::for_each(pass.context, x.elements(), times<DY, decltype(w), DX>{dy, w, dx});   // assigns
  }
};
// end region

// region: loss
template <class Y, class DY, class Target>
struct absolute {
  Y y;
  DY dy;
  const Target *target, *weight;
  Target scale;
  COSMOML_HD double operator()(index_t n) const {
    constexpr index_t size = Y::sample_size;
    const Target w = weight ? weight[n] : Target(1);
    double sum = 0;
    for (index_t e = 0; e < size; ++e) {
      const Target d = y(n, e) - target[n * size + e];
      if constexpr (Wanted<DY>) dy(n, e) = scale * w * (d > 0 ? 1 : d < 0 ? -1 : 0);
      sum += d < 0 ? -d : d;
    }
    return double(w) * sum;
  }
};
struct mean_absolute_error {
  template <class Backend>
  using target = typename Backend::scalar;
  static constexpr index_t targets(extents y) { return y.size(); }
  template <class Backend, class Y, class DY, class S>
  double evaluate(typename Backend::context& c, Y y, DY dy, const S* t, const S* weight, S scale) const {
    return Backend::sum_of(c, y.batch, absolute<Y, DY, S>{y, dy, t, weight, scale});
  }
};
// end region

// region: optimiser
template <class S>
struct sign_step {
  S* p;
  const S* g;
  S rate;
  COSMOML_HD void operator()(index_t i) const { p[i] -= g[i] > 0 ? rate : g[i] < 0 ? -rate : 0; }   // padding has no gradient: it stays zero
};
struct sign_descent {
  struct options_type {
    double learning_rate = 1e-3;
  } options{};
  template <class Backend>
  struct state {
    explicit state(index_t) {}
    void visit(auto&&) {}   // nothing that a later step depends on
  };
  template <class Backend>
  void step(typename Backend::context& c, typename Backend::scalar* p, const typename Backend::scalar* g, state<Backend>&, index_t n) const {
    Backend::for_each(c, n, sign_step<typename Backend::scalar>{p, g, typename Backend::scalar(options.learning_rate)});
  }
};
// end region

// region: wavelet
// Daubechies' second filter, from its closed form; the other three follow.
struct db2 : wavelet::orthonormal<db2, 4> {
  static constexpr const char* name = "my_db2";
  static constexpr std::array low{-0.12940952255126037, 0.22414386804201339, 0.83651630373780794, 0.48296291314453416};
};
// end region

// region: density
struct exponential {   // p(x) = e^-x for x > 0
  index_t dimension() const { return 1; }
  double log_prob_at(const double* x) const { return *x < 0 ? -INFINITY : -*x; }
  ndarray<double> log_prob(const ndarray<double>& x) const {
    ndarray<double> p(x.rows());
    for (index_t i = 0; i < x.rows(); ++i) p[i] = log_prob_at(x.row(i));
    return p;
  }
  ndarray<double> sample(index_t n, key k) const {
    ndarray<double> x(n, 1);
    for (index_t i = 0; i < n; ++i) x[i] = -std::log1p(-k.uniform(std::uint64_t(i)));
    return x;
  }
};
// end region
}

TEST_CASE("docs/concepts: a function of each element and a layer from nothing pass the gradient checker") {
  // region: check
  using net = nn::sequential<nn::input<5>, gain, squared, nn::dense<3>, gain>;
  const auto report = nn::check_layer<net, backend::native<double>>(key{1});
  CHECK_MESSAGE(report.within(1e-7), report.describe());
  // end region
  CHECK(nn::check_layer<net, backend::reference<double>>(key{2}).within(1e-7));
  CHECK(nn::model<net, B>::summary().find(square::name) != std::string::npos);
  const auto whole = nn::check_layer<nn::sequential<nn::input<7>, nn::residual<nn::sequential<gain, squared>>, gain>, backend::native<double>>(key{3});
  CHECK_MESSAGE(whole.within(1e-7), whole.describe());
}

TEST_CASE("docs/concepts: a loss and an optimiser train, padding stays zero") {
  using net = nn::sequential<nn::input<2>, nn::dense<16>, nn::relu, nn::dense<1>>;
  nn::model<net, B> m(key{1});
  ndarray<float> x(256, 2), y(256, 1);
  for (index_t i = 0; i < x.rows(); ++i) {
    for (int a : {0, 1}) x[2 * i + a] = float(key{2}.fold(a).uniform(std::uint64_t(i)));
    y[i] = x[2 * i] * x[2 * i + 1];
  }
  // region: use
  const auto report = train::fit(m, train::pair_up(x, y), mean_absolute_error{}, sign_descent{{.learning_rate = 2e-3}}, {.epochs = 30});
  // end region
  CHECK(report.history.back().loss < 0.3 * report.history.front().loss);
  double all = 0, canonical = 0;
  for (const float p : m.parameters()) all += std::abs(p);
  for (const float p : m.canonical_parameters()) canonical += std::abs(p);
  CHECK(all == doctest::Approx(canonical).epsilon(1e-6));
}

TEST_CASE("docs/concepts: the filters of a wavelet are the library's") {
  static_assert(wavelet::Wavelet<db2>);
  for (std::size_t t = 0; t < 4; ++t) CHECK(db2::low[t] == doctest::Approx(wavelet::daubechies<2>::low[t]).epsilon(1e-14));
  std::vector<double> x(9), low(6), high(6), back(9);
  for (std::size_t i = 0; i < x.size(); ++i) x[i] = key{5}.uniform(i);
  wavelet::analyse_once<db2, double>(std::span<const double>(x), wavelet::extension::symmetric, std::span(low), std::span(high));
  wavelet::synthesise_once<db2, double>(std::span<const double>(low), std::span<const double>(high), wavelet::extension::symmetric, std::span(back));
  for (std::size_t i = 0; i < x.size(); ++i) CHECK(back[i] == doctest::Approx(x[i]).epsilon(1e-12));
}

TEST_CASE("docs/concepts: a density integrates to one and draws from itself") {
  const auto r = prob::check_density(exponential{}, key{4});
  CHECK_MESSAGE(r.holds(), r.describe());
}
