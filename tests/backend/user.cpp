// A backend of a user's: native with two primitives of its own. A model trains through them, and nothing goes around them.
#include <cosmoml/backend/native.hpp>
#include <cosmoml/nn.hpp>
#include <cosmoml/nn/check_layer.hpp>
#include <cosmoml/optim.hpp>
#include <cosmoml/train.hpp>

#include <doctest/doctest.h>

using namespace cosmoml;

// region: mine
// Everything is native's but these two.
struct mine : backend::native<float> {
  static constexpr const char* name = "mine";
  static inline int products = 0, maps = 0;

  // C = A B, or C += A B; the matrices have any strides.
  template <bool Add = false, class A, class M, class C>
  static void matmul(context&, A a, M b, C c) {
    ++products;
    for (index_t i = 0; i < c.rows(); ++i)
      for (index_t j = 0; j < c.columns(); ++j) {
        float sum = Add ? c(i, j) : 0;
        for (index_t k = 0; k < a.columns(); ++k) sum += a(i, k) * b(k, j);
        c(i, j) = sum;
      }
  }
  // y = f(x), element e of sample n; what lies between the elements stays zero.
  template <class F, class X, class Y>
  static void map(context&, F f, X x, Y y) {
    ++maps;
    for (index_t n = 0; n < y.batch; ++n)
      for (index_t e = 0; e < Y::sample_size; ++e) y(n, e) = f(x(n, e));
  }
};
// end region

namespace {
using net = nn::sequential<nn::input<4>, nn::dense<13>, nn::relu, nn::dense<3>>;
}

static_assert(Backend<mine>, "two functions are enough");
static_assert(!OwnAbilities<mine>, "native's abilities are not those of mine");
static_assert(OwnAbilities<backend::native<float>>, "and are native's own");

TEST_CASE("backend/user: one token chooses where a model computes; parameters move") {
  ndarray<float> x(2, 4);
  for (index_t i = 0; i < x.size(); ++i) x[i] = key{2}.normal<float>(std::uint64_t(i));
  // region: one token
  using B = backend::native<float>;   // or eigen<float>, xtensor<double>, thrust<float, exec::omp>, mine, ...
  nn::model<net, B> trained(key{1});

  nn::model<net, mine> other(key{2});
  other.set_canonical_parameters(trained.canonical_parameters());
  // end region
  const auto a = trained.predict(x), b = other.predict(x);
  for (index_t i = 0; i < a.size(); ++i) CHECK(double(a[i]) == doctest::Approx(double(b[i])).epsilon(1e-5));
}

TEST_CASE("backend/user: each product and each function of a step goes through the overrides") {
  nn::model<net, mine> m(key{1});
  ndarray<float> x(7, 4);
  for (index_t i = 0; i < x.size(); ++i) x[i] = key{2}.normal<float>(std::uint64_t(i));
  m.load(x);
  mine::products = mine::maps = 0;
  m.forward();
  CHECK(mine::products == 2);
  CHECK(mine::maps == 1);
  m.zero_gradients();
  m.backward();
  CHECK(mine::products == 5);   // two weights' gradients and one of an activation
  CHECK(mine::maps == 1);
  m.predict(x);
  CHECK(mine::products == 7);
  CHECK(mine::maps == 2);
}

TEST_CASE("backend/user: trains to native's parameters, gradients checked") {
  ndarray<float> x(64, 4);
  std::vector<int> labels(64);
  for (index_t i = 0; i < x.size(); ++i) x[i] = key{2}.normal<float>(std::uint64_t(i));
  for (std::size_t i = 0; i < labels.size(); ++i) labels[i] = int(key{3}.below(3, i));
  const auto data = train::pair_up(x, labels);
  nn::model<net, mine> a(key{1});
  nn::model<net, backend::native<float>> b(key{1});
  const auto ours = train::fit(a, data, nn::cross_entropy{}, optim::adam{}, {.epochs = 5, .batch_size = 16});
  const auto natives = train::fit(b, data, nn::cross_entropy{}, optim::adam{}, {.epochs = 5, .batch_size = 16});
  CHECK(ours.history.back().loss == doctest::Approx(natives.history.back().loss).epsilon(1e-5));
  const auto p = a.canonical_parameters(), q = b.canonical_parameters();
  for (index_t i = 0; i < p.size(); ++i) CHECK(double(p[i]) == doctest::Approx(double(q[i])).epsilon(1e-4));
  CHECK(nn::check_layer<net, mine>(key{4}).within(2e-5));
}
