// Every primitive of a backend against plain arithmetic in double, for odd sizes and any pair of layouts.
#include "support/backends.hpp"
#include "support/worse.hpp"

#include <cosmoml/core/blocked.hpp>
#include <cosmoml/tensor/tensor.hpp>

#include <cmath>
#include <vector>

using tests::tested;
using namespace cosmoml;
using S = tested::scalar;
static_assert(Backend<tested>, "the backend keeps its contract");

namespace {
tested::context context;

double number(std::uint64_t stream, index_t i) { return double(S(2 * key{stream}.uniform(std::uint64_t(i)) - 1)); }

// A buffer of random numbers on the backend and the same on the host.
struct numbers {
  std::vector<S> host;
  tested::buffer<S> device;
  numbers(index_t n, std::uint64_t stream) : host(std::size_t(n)), device(n) {
    for (index_t i = 0; i < n; ++i) host[std::size_t(i)] = S(number(stream, i));
    tested::from_host(context, static_cast<const S*>(host.data()), device.data(), n);
  }
  void fetch() { tested::to_host(context, static_cast<const S*>(device.data()), host.data(), device.size()); }
};
double off(double a, double b) { return std::abs(a - b); }

template <index_t Rows, index_t Depth, index_t Columns, bool Add, bool ARowMajor, bool BRowMajor, bool CRowMajor>
void check_product(index_t rows) {
  numbers a(rows * Depth, 1), b(Depth * Columns, 2), c(rows * Columns, 3);
  std::vector<double> exact(std::size_t(rows * Columns));
  auto at = [](bool row_major, index_t r, index_t k, index_t height, index_t width) { return std::size_t(row_major ? r * width + k : k * height + r); };
  for (index_t i = 0; i < rows; ++i)
    for (index_t j = 0; j < Columns; ++j) {
      double s = Add ? double(c.host[at(CRowMajor, i, j, Rows, Columns)]) : 0;
      for (index_t k = 0; k < Depth; ++k) s += double(a.host[at(ARowMajor, i, k, Rows, Depth)]) * double(b.host[at(BRowMajor, k, j, Depth, Columns)]);
      exact[std::size_t(i * Columns + j)] = s;
    }
  const matrix<S, Rows, Depth, ARowMajor ? Depth : 1, ARowMajor ? 1 : Rows> am{a.device.data(), rows};
  const matrix<S, Depth, Columns, BRowMajor ? Columns : 1, BRowMajor ? 1 : Depth> bm{b.device.data()};
  const matrix<S, Rows, Columns, CRowMajor ? Columns : 1, CRowMajor ? 1 : Rows> cm{c.device.data(), rows};
  tested::template matmul<Add>(context, am, bm, cm);
  c.fetch();
  double worst = 0;
  for (index_t i = 0; i < rows; ++i)
    for (index_t j = 0; j < Columns; ++j) worst = tests::worse(worst, off(exact[std::size_t(i * Columns + j)], double(c.host[at(CRowMajor, i, j, Rows, Columns)])));
  CHECK(worst < tests::tolerance<S>(double(Depth)) * std::sqrt(double(Depth)));
}
template <bool Add, index_t Rows, index_t Depth, index_t Columns>
void check_orders() {
  check_product<Rows, Depth, Columns, Add, true, true, true>(Rows);
  check_product<Rows, Depth, Columns, Add, false, true, true>(Rows);
  check_product<Rows, Depth, Columns, Add, true, false, true>(Rows);
  check_product<Rows, Depth, Columns, Add, true, true, false>(Rows);
  check_product<Rows, Depth, Columns, Add, false, false, false>(Rows);
}
}

TEST_CASE("laws/backends: matmul, static sizes, every storage order, with and without addition") {
  check_orders<false, 7, 5, 9>();
  check_orders<true, 13, 17, 11>();
  check_orders<true, 1, 3, 1>();
  check_orders<false, 21, 1, 34>();
  check_orders<true, 35, 9, 24>();   // whole vectors, one of them left over
  check_orders<false, 39, 14, 8>();
}

TEST_CASE("laws/backends: matmul with a run-time number of rows, down to none") {
  for (index_t rows : {index_t(0), index_t(1), index_t(2), index_t(6), index_t(19), index_t(64)}) {
    check_product<dynamic, 5, 7, false, true, true, true>(rows);
    check_product<dynamic, 40, 24, true, true, true, true>(rows);
    check_product<dynamic, 11, 8, false, true, true, true>(rows);
    check_product<dynamic, 3, 100, false, true, false, true>(rows);
  }
}

TEST_CASE("laws/backends: matmul of one or two rows that are wider than the registers") {
  for (index_t rows : {index_t(1), index_t(2), index_t(3)}) {
    check_product<dynamic, 29, 411, false, true, true, true>(rows);
    check_product<dynamic, 16, 408, true, true, true, true>(rows);
    check_product<dynamic, 5, 430, true, true, false, true>(rows);
  }
  check_product<2, 21, 411, true, false, true, true>(2);
}

namespace {
template <class Shape, class L>
struct batch {
  index_t n;
  numbers storage;
  explicit batch(index_t count, std::uint64_t stream) : n(count), storage(L::size(count), stream) { clean(); }
  void clean() {   // zero where no element lies
    std::vector<bool> used(storage.host.size());
    for (index_t i = 0; i < n; ++i)
      for (index_t e = 0; e < Shape::value.size(); ++e) used[std::size_t(L::offset(i, e))] = true;
    for (std::size_t i = 0; i < used.size(); ++i)
      if (!used[i]) storage.host[i] = 0;
    tested::from_host(context, static_cast<const S*>(storage.host.data()), storage.device.data(), storage.device.size());
  }
  auto view() { return cosmoml::view<S, L>{storage.device.data(), n}; }
  double operator()(index_t i, index_t e) const { return double(storage.host[std::size_t(L::offset(i, e))]); }
  bool padding_is_zero() {
    storage.fetch();
    std::vector<bool> used(storage.host.size());
    for (index_t i = 0; i < n; ++i)
      for (index_t e = 0; e < Shape::value.size(); ++e) used[std::size_t(L::offset(i, e))] = true;
    for (std::size_t i = 0; i < used.size(); ++i)
      if (!used[i] && storage.host[i] != 0) return false;
    return true;
  }
};
struct square_plus {   // f(0) is not 0: padding must not be swept
  static constexpr bool keeps_zero = false;
  template <class T>
  COSMOML_HD T operator()(T x) const {
    return x * x + 1;
  }
};
struct twice {
  static constexpr bool keeps_zero = true;
  template <class T>
  COSMOML_HD T operator()(T x) const {
    return x + x;
  }
  template <class T>
  COSMOML_HD T slope_at_output(T y) const {
    return y;
  }
};

template <class Shape, class LX, class LY>
void check_pair() {
  const char *const from = LX::name, *const to = LY::name;
  CAPTURE(from);
  CAPTURE(to);
  constexpr index_t size = Shape::value.size();
  for (index_t n : {index_t(0), index_t(1), index_t(5)}) {
    batch<Shape, LX> x(n, 10);
    batch<Shape, LY> y(n, 11);
    auto all = [&](auto expected) {
      CHECK(y.padding_is_zero());
      for (index_t i = 0; i < n; ++i)
        for (index_t e = 0; e < size; ++e) CHECK(off(y(i, e), expected(i, e)) < tests::tolerance<S>(1));
    };
    tested::convert(context, x.view(), y.view());
    all([&](index_t i, index_t e) { return x(i, e); });
    tested::add(context, x.view(), y.view());
    all([&](index_t i, index_t e) { return 2 * x(i, e); });
    tested::map(context, square_plus{}, x.view(), y.view());
    all([&](index_t i, index_t e) { return x(i, e) * x(i, e) + 1; });
    tested::map(context, twice{}, x.view(), y.view());
    all([&](index_t i, index_t e) { return 2 * x(i, e); });
    tested::map_adjoint(context, twice{}, x.view(), x.view(), y.view());
    all([&](index_t i, index_t e) { return x(i, e) * x(i, e); });
    tested::assign(context, y.view(), S(0.5));
    all([&](index_t, index_t) { return 0.5; });

    batch<shape<Shape::value[0]>, canonical<shape<Shape::value[0]>>> v(1, 12), sum(1, 13);
    constexpr index_t inner = size / Shape::value[0];
    tested::add_channel(context, v.view(), y.view());
    all([&](index_t, index_t e) { return 0.5 + v(0, e / inner); });
    const auto before = sum;
    tested::sum_channel(context, x.view(), sum.view());
    sum.storage.fetch();
    for (index_t c = 0; c < Shape::value[0]; ++c) {
      double s = before(0, c);
      for (index_t i = 0; i < n; ++i)
        for (index_t e = 0; e < inner; ++e) s += x(i, c * inner + e);
      CHECK(off(sum(0, c), s) < tests::tolerance<S>(double(inner * n + 1)));
    }
    if (n == 5) {
      const int rows[] = {4, 0, 4, 2, 1};
      tested::buffer<int> device(5);
      tested::from_host(context, rows, device.data(), 5);
      tested::gather(context, x.view(), device.data(), y.view());
      all([&](index_t i, index_t e) { return x(rows[i], e); });
    }
  }
}
template <class Shape>
using backends_own = typename tested::template layout<Shape, 0>;
template <class Shape>
using backends_inner = typename tested::template layout<Shape, edge_request{.first_axis_inner = true}.code()>;
template <class Shape, int Halo>
using backends_grid = typename tested::template layout<Shape, edge_request{.halo = Halo, .convolved = true}.code()>;
template <class Shape, int Halo>
using backends_samples = typename tested::template layout<Shape, edge_request{.halo = Halo, .convolved = true, .batched = true}.code()>;
}

TEST_CASE("laws/backends: element-wise primitives between any two layouts; padding stays zero") {
  using flat = shape<13>;
  using box = shape<5, 2, 3>;
  check_pair<flat, backends_own<flat>, backends_own<flat>>();
  check_pair<flat, canonical<flat>, backends_own<flat>>();
  check_pair<box, backends_own<box>, backends_own<box>>();
  check_pair<box, backends_inner<box>, backends_inner<box>>();
  check_pair<box, backends_inner<box>, backends_own<box>>();
  check_pair<box, canonical<box>, backends_inner<box>>();
  check_pair<box, first_axis_inner<box, 4>, padded<box, 16>>();
}

TEST_CASE("laws/backends: element-wise primitives on what convolutions read and write") {
  using box = shape<5, 2, 3>;
  check_pair<box, backends_grid<box, 1>, backends_grid<box, 1>>();
  check_pair<box, backends_grid<box, 0>, backends_grid<box, 2>>();
  check_pair<box, canonical<box>, backends_grid<box, 1>>();
  check_pair<box, backends_grid<box, 1>, backends_own<box>>();
  using wide = shape<17, 3, 9>;
  check_pair<wide, backends_own<wide>, backends_grid<wide, 1>>();
  check_pair<wide, backends_inner<wide>, backends_grid<wide, 1>>();
  using line = shape<9, 11>;
  check_pair<line, backends_grid<line, 3>, batch_in_vector<line, 4, 1>>();
  using cube = shape<3, 2, 3, 4>;
  check_pair<box, backends_samples<box, 1>, backends_samples<box, 0>>();
  check_pair<box, backends_samples<box, 1>, backends_grid<box, 2>>();
  check_pair<line, backends_own<line>, backends_samples<line, 2>>();
  check_pair<cube, backends_samples<cube, 0>, backends_samples<cube, 1>>();
  check_pair<cube, batch_in_vector<cube, 4, 2>, backends_grid<cube, 1>>();
  check_pair<cube, batch_in_vector<cube, 4, 0>, canonical<cube>>();
  check_pair<cube, blocked<cube, 2, 1>, batch_in_vector<cube, 8, 1>>();
}

TEST_CASE("laws/backends: parts of a larger sample are read and written in place, and nothing beside them") {
  using box = shape<5, 2, 3>;
  using L = backends_inner<box>;
  batch<box, L> whole(3, 20);
  const batch<box, L> before = whole;
  batch<shape<4>, canonical<shape<4>>> piece(3, 21);
  const auto target = whole.view().template sub<shape<4>, 6 + 4, 6>();   // rows 1 ... 4 of the last two axes' element 4
  tested::convert(context, piece.view(), target);
  whole.storage.fetch();
  for (index_t n = 0; n < 3; ++n)
    for (index_t e = 0; e < 30; ++e) CHECK(whole(n, e) == (e % 6 == 4 && e >= 6 ? piece(n, e / 6 - 1) : before(n, e)));
  tested::convert(context, target, piece.view());
  piece.storage.fetch();
  for (index_t n = 0; n < 3; ++n)
    for (index_t e = 0; e < 4; ++e) CHECK(piece(n, e) == whole(n, 6 + 4 + 6 * e));
  CHECK(whole.padding_is_zero());
}

namespace {
template <class L>
void check_zero_padding() {
  tested::buffer<S> memory(L::size(4));
  tested::fill(context, memory.data(), memory.size(), S(7));
  const view<S, L> v{memory.data(), 4};
  tested::zero_padding(context, v);
  tested::assign(context, v, S(3));
  std::vector<S> host(std::size_t(memory.size()));
  tested::to_host(context, static_cast<const S*>(memory.data()), host.data(), memory.size());
  double sum = 0;
  for (S s : host) sum += double(s);
  CHECK(sum == double(3 * L::shape.size() * 4));
}
}
TEST_CASE("laws/backends: zero_padding") {
  check_zero_padding<backends_own<shape<13>>>();
  check_zero_padding<backends_inner<shape<13, 2>>>();
  check_zero_padding<backends_grid<shape<13, 3, 2>, 1>>();
  check_zero_padding<backends_grid<shape<16, 3, 2, 5>, 2>>();
  check_zero_padding<batch_in_vector<shape<3, 4, 2>, 8, 1>>();
  check_zero_padding<backends_samples<shape<3, 4, 2>, 1>>();
}

TEST_CASE("laws/backends: flat primitives and reductions") {
  for (index_t n : {index_t(0), index_t(1), index_t(777)}) {
    numbers x(n, 30), y(n, 31);
    const auto y0 = y.host;
    double dot = 0, sum = 0;
    for (index_t i = 0; i < n; ++i) dot += double(x.host[std::size_t(i)]) * double(y0[std::size_t(i)]), sum += double(i);
    CHECK(off(tested::dot(context, static_cast<const S*>(x.device.data()), static_cast<const S*>(y.device.data()), n), dot) < 1e-10);
    CHECK(tested::sum_of(context, n, detail::count_up{}) == sum);
    tested::axpby(context, S(2), static_cast<const S*>(x.device.data()), S(-0.5), y.device.data(), n);
    y.fetch();
    for (index_t i = 0; i < n; ++i) CHECK(off(double(y.host[std::size_t(i)]), 2 * double(x.host[std::size_t(i)]) - 0.5 * double(y0[std::size_t(i)])) < tests::tolerance<S>(2));
  }
}

TEST_CASE("laws/backends: uniforms have the bits of the key, normals equal its numbers to rounding") {
  tested::buffer<S> p(101);
  std::vector<S> host(101);
  tested::random_uniform(context, p.data(), 101, key{5}, S(0), S(1));
  tested::to_host(context, static_cast<const S*>(p.data()), host.data(), 101);
  for (std::uint64_t i = 0; i < 101; ++i) CHECK(host[i] == key{5}.uniform<S>(i));
  tested::random_normal(context, p.data(), 101, key{5}, S(0), S(1));
  tested::to_host(context, static_cast<const S*>(p.data()), host.data(), 101);
  for (std::uint64_t i = 0; i < 101; ++i) CHECK(off(double(host[i]), double(key{5}.normal<S>(i))) < tests::tolerance<S>(1));
}
