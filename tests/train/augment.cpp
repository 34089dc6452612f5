// Augmentation policies: which images come out, how often, and that a key decides.
#include <cosmoml/train/augment/crop.hpp>
#include <cosmoml/train/augment/cube_symmetries.hpp>
#include <cosmoml/train/augment/flips.hpp>
#include <cosmoml/train/augment/noise.hpp>
#include <cosmoml/train/augment/quarter_turns.hpp>

#include <doctest/doctest.h>

#include <map>
#include <set>

using namespace cosmoml;
using namespace cosmoml::train;

namespace {
augment::image<float> numbered(extents shape) {
  augment::image<float> x;
  x.shape = shape;
  for (index_t i = 0; i < shape.size(); ++i) x.values.push_back(float(i));
  return x;
}
auto symmetry(const augment::image<float>& x, int number) {
  auto y = x;
  augment::cube_symmetries::apply(y, number);
  return y.values;
}
}

TEST_CASE("train/augment: the symmetries of a segment, a square and a cube are groups of 2, 8 and 48") {
  for (const extents shape : {extents(2, 3), extents(2, 3, 3), extents(2, 3, 3, 3)}) {
    const auto x = numbered(shape);
    const int n = augment::cube_symmetries::count(x.axes());
    CHECK(symmetry(x, 0) == x.values);
    std::set<std::vector<float>> all;
    for (int i = 0; i < n; ++i) all.insert(symmetry(x, i));
    CHECK(int(all.size()) == n);
    const index_t plane = shape.size() / 2;
    for (const auto& v : all) {
      CHECK(std::set<float>(v.begin(), v.begin() + plane) == std::set<float>(x.values.begin(), x.values.begin() + plane));   // channels stay
      for (index_t i = 0; i < plane; ++i) CHECK(v[std::size_t(plane + i)] == v[std::size_t(i)] + float(plane));              // and move alike
    }
    for (int i = 0; i < n; ++i)
      for (int j = 0; j < n; j += 5) {
        auto y = x;
        augment::cube_symmetries::apply(y, i);
        augment::cube_symmetries::apply(y, j);
        CHECK(all.count(y.values) == 1);
      }
    // neighbours stay neighbours: the centre stays, and squared distances between marked voxels do
    const int side = 3, axes = x.axes();
    auto place = [&](const std::vector<float>& v, float mark) {
      index_t at = 0;
      while (v[std::size_t(at)] != mark) ++at;
      std::array<int, 3> p{};
      for (int a = axes; a-- > 0; at /= side) p[std::size_t(a)] = int(at % side);
      return p;
    };
    for (const auto& v : all)
      for (float a = 0; a < float(plane); a += 2)
        for (float b = 1; b < float(plane); b += 3) {
          int before = 0, after = 0;
          for (std::size_t d = 0; d < 3; ++d) {
            before += (place(x.values, a)[d] - place(x.values, b)[d]) * (place(x.values, a)[d] - place(x.values, b)[d]);
            after += (place(v, a)[d] - place(v, b)[d]) * (place(v, a)[d] - place(v, b)[d]);
          }
          CHECK(before == after);
        }
  }
  auto flat = numbered({1, 2, 3, 3});
  CHECK_THROWS_AS(augment::cube_symmetries::apply(flat, 1), shape_mismatch);
  auto cube = numbered({1, 2, 2, 2});
  CHECK_THROWS_AS(augment::cube_symmetries::apply(cube, 48), invalid_argument);
}

TEST_CASE("train/augment: each symmetry comes as often as another, and the key decides") {
  const auto x = numbered({1, 2, 2, 2});
  std::map<std::vector<float>, int> count;
  for (std::uint64_t i = 0; i < 4800; ++i) {
    auto y = x;
    augment::cube_symmetries{}(y, key{i});
    ++count[y.values];
    auto again = x;
    augment::cube_symmetries{}(again, key{i});
    if (i < 20) CHECK(again.values == y.values);
  }
  CHECK(count.size() == 48);
  for (const auto& [v, n] : count) CHECK(std::abs(n - 100) < 50);
}

TEST_CASE("train/augment: quarter turns and flips of an image of other sides") {
  std::map<std::vector<float>, int> count;
  const auto square = numbered({1, 2, 2});   // 0 1 / 2 3
  for (std::uint64_t i = 0; i < 400; ++i) {
    auto y = square;
    augment::quarter_turns{}(y, key{i});
    ++count[y.values];
  }
  CHECK(count.size() == 4);
  for (const std::vector<float>& wanted : {std::vector<float>{0, 1, 2, 3}, {2, 0, 3, 1}, {3, 2, 1, 0}, {1, 3, 0, 2}}) CHECK(count[wanted] > 60);
  auto oblong = numbered({1, 2, 3});
  CHECK_THROWS_AS(augment::quarter_turns{}(oblong, key{}), shape_mismatch);
  auto deep = numbered({2, 4, 3, 3});
  augment::quarter_turns{}(deep, key{5});
  CHECK(deep.shape == extents(2, 4, 3, 3));

  count.clear();
  const auto x = numbered({1, 2, 3});
  for (std::uint64_t i = 0; i < 400; ++i) {
    auto y = x;
    augment::flips{}(y, key{i});
    ++count[y.values];
  }
  CHECK(count.size() == 4);
  CHECK(count[{5, 4, 3, 2, 1, 0}] > 60);
  CHECK(count[{2, 1, 0, 5, 4, 3}] > 60);
  CHECK(count[{3, 4, 5, 0, 1, 2}] > 60);
  auto never = x;
  augment::flips{.probability = 0}(never, key{1});
  CHECK(never.values == x.values);
  auto vector = numbered(extents(5));
  CHECK_THROWS_AS(augment::flips{}(vector, key{}), shape_mismatch);
}

TEST_CASE("train/augment: crops come from every place, noise is normal") {
  std::map<std::vector<float>, int> count;
  for (std::uint64_t i = 0; i < 600; ++i) {
    auto y = numbered({2, 3, 4});
    augment::crop{{2, 2}}(y, key{i});
    CHECK(y.shape == extents(2, 2, 2));
    CHECK(y.values[1] == y.values[0] + 1);
    CHECK(y.values[2] == y.values[0] + 4);
    CHECK(y.values[4] == y.values[0] + 12);
    ++count[y.values];
  }
  CHECK(count.size() == 6);
  for (const auto& [v, n] : count) CHECK(std::abs(n - 100) < 50);
  auto x = numbered({1, 3, 3});
  CHECK_THROWS_AS(augment::crop({4, 2})(x, key{}), shape_mismatch);
  CHECK_THROWS_AS(augment::crop({2})(x, key{}), shape_mismatch);

  augment::image<float> flat;
  flat.shape = {1, 100, 100};
  flat.values.assign(10000, 5.0f);
  augment::noise{.deviation = 0.5}(flat, key{9});
  double mean = 0, square = 0;
  for (const float v : flat.values) mean += (double(v) - 5) / 1e4, square += std::pow(double(v) - 5, 2) / 1e4;
  CHECK(std::abs(mean) < 0.025);
  CHECK(square == doctest::Approx(0.25).epsilon(0.06));
}
