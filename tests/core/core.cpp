#include <cosmoml/core.hpp>
#include <cosmoml/core/edge_request.hpp>

#include <doctest/doctest.h>

#include <set>
#include <vector>

using namespace cosmoml;

TEST_CASE("core/extents: sizes, strides, brokenness") {
  const extents e{3, 5, 7};
  CHECK(e.size() == 105);
  CHECK(e.stride(0) == 35);
  CHECK(e.stride(2) == 1);
  CHECK(extents{}.size() == 1);
  CHECK(extents::broken().is_broken());
  CHECK(extents{2000, 2000, 2000}.size() == 8'000'000'000);
  CHECK(text(e, " and ", extents{4}) == "(3, 5, 7) and (4,)");
}

// Layouts are injections into storage of the size they say.
template <class L>
void check_injection(int batch) {
  std::set<index_t> places;
  for (index_t n = 0; n < batch; ++n)
    for (index_t e = 0; e < L::shape.size(); ++e) {
      const index_t at = L::offset(n, e);
      CHECK(at >= 0);
      CHECK(at < L::size(batch));
      CHECK(at == L::begin(n) + L::offset(0, e));
      CHECK(places.insert(at).second);
    }
}
// line() tells the truth about evenly spaced elements, slack() about what follows them.
template <class L>
void check_lines() {
  const index_t size = L::shape.size();
  std::set<index_t> used;
  for (index_t e = 0; e < size; ++e) used.insert(L::offset(0, e));
  for (index_t begin = 0; begin < size; ++begin)
    for (index_t step = 1; step <= size; ++step)
      for (index_t count = 2; begin + step * (count - 1) < size; ++count) {
        const index_t line = L::line(begin, step, count);
        bool even = true;
        const index_t first = L::offset(0, begin + step) - L::offset(0, begin);
        for (index_t i = 1; i < count; ++i) even = even && L::offset(0, begin + step * i) - L::offset(0, begin + step * (i - 1)) == first;
        if (line != 0) {
          CHECK(even);
          CHECK(line == first);
          for (index_t s = 1; s <= L::slack(begin, step, count); ++s) CHECK(used.count(L::offset(0, begin + step * (count - 1)) + s) == 0);
        }
      }
}

TEST_CASE("core/layout: every layout is an injection and knows its lines") {
  check_injection<canonical<shape<3, 5, 2>>>(3);
  check_injection<padded<shape<3, 5, 2>, 8>>(3);
  check_injection<first_axis_inner<shape<5, 2, 3>, 8>>(3);
  check_injection<input_major<shape<5, 7>, 8>>(1);
  check_injection<part<first_axis_inner<shape<5, 2, 3>, 8>, shape<3, 2>, 13, 3>>(3);
  check_injection<part<canonical<shape<5, 2, 3>>, shape<5, 2>, 1, 3>>(3);
  check_injection<blocked<shape<9, 4, 3>, 8, 2>>(3);
  check_injection<blocked<shape<3, 2, 3, 4>, 4, 1>>(2);
  check_injection<blocked<shape<5, 7>, 8, 1>>(2);
  check_injection<batch_in_vector<shape<3, 4, 3>, 8, 2>>(11);
  check_injection<batch_in_vector<shape<1, 2, 3, 4>, 4, 1>>(3);
  check_injection<blocked_filter<shape<9, 3, 2, 2>, 8, 4>>(1);
  check_injection<blocked_filter<shape<41, 9, 3>, 8, 4>>(1);
  check_lines<canonical<shape<3, 5>>>();
  check_lines<blocked<shape<5, 2, 3>, 2, 1>>();
  check_lines<blocked<shape<13, 1, 1>, 8, 0>>();
  check_lines<blocked<shape<11, 1, 1>, 4, 1>>();
  check_lines<batch_in_vector<shape<5, 2, 3>, 4, 1>>();
  check_lines<blocked_filter<shape<5, 3, 2>, 4, 2>>();
  check_lines<padded<shape<13>, 8>>();
  check_lines<first_axis_inner<shape<5, 2, 2>, 8>>();
  check_lines<input_major<shape<5, 4>, 8>>();
  check_lines<part<first_axis_inner<shape<7, 2>, 4>, shape<5>, 5, 2>>();
}

TEST_CASE("core/matrix: a transposed view shows the same numbers") {
  double a[12] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11};
  const matrix<double, 3, dynamic, 4, 1> m{a, 4};
  const auto t = transpose(m);
  CHECK(t.rows() == 4);
  CHECK(t.columns() == 3);
  CHECK(t(3, 2) == m(2, 3));
}

TEST_CASE("core/leaves: a flat pack is read by index and costs nothing for empty types") {
  struct a {};
  struct b {};
  leaves<a, int, b> pack;
  get<1>(pack) = 5;
  CHECK(get<1>(std::as_const(pack)) == 5);
  static_assert(std::is_same_v<leaf_type<2, leaves<a, int, b>>, b>, "found by its index");
  static_assert(sizeof(pack) == sizeof(int), "empty layers take no room");
  int sum = 0;
  for_index<4>([&](auto i) { sum += i; });
  CHECK(sum == 6);
}

TEST_CASE("core/error: says what was asked, what was found, what to do") {
  try {
    expect<shape_mismatch>(1 + 1 == 3, "model.load", "give whole samples", 7, " numbers");
    FAIL("it did not throw");
  } catch (const error& e) {
    CHECK(std::string(e.what()) == "cosmoml: model.load: 7 numbers; give whole samples");
  }
}

TEST_CASE("core/function_ref: calls what it refers to") {
  int calls = 0;
  auto add = [&](int i) { return calls += i; };
  function_ref<int(int)> f = add;
  CHECK(f(2) == 2);
  CHECK(f(3) == 5);
  CHECK(!function_ref<void()>{});
}

TEST_CASE("core/edge_request: a code says everything, channels beyond the most as the most") {
  for (int halo : {0, 1, 7})
    for (int widest : {0, 1, 15, 16, 127})
      for (int flags = 0; flags < 8; ++flags) {
        const edge_request r{.halo = halo, .first_axis_inner = flags % 2 == 1, .convolved = flags / 2 % 2 == 1, .widest = widest, .batched = flags / 4 == 1};
        CHECK(edge_request::of(r.code()) == r);
      }
  CHECK(edge_request::of(edge_request{.halo = 2, .widest = 512}.code()) == edge_request{.halo = 2, .widest = edge_request::most_channels});
  CHECK(edge_request{.widest = 8}.merged({.halo = 1, .widest = 3}) == edge_request{.halo = 1, .widest = 8});
}
