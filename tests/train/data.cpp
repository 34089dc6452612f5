// Orders of an epoch, splits, scalers, histories, ensembles.
#include "support/scratch.hpp"

#include <cosmoml/backend/native.hpp>
#include <cosmoml/nn.hpp>
#include <cosmoml/optim.hpp>
#include <cosmoml/train.hpp>

#include <doctest/doctest.h>

#include <numeric>
#include <set>

using namespace cosmoml;

using tests::message, tests::says;

namespace {
std::vector<int> sorted(std::vector<int> v) {
  std::sort(v.begin(), v.end());
  return v;
}
std::vector<int> numbers(int n) {
  std::vector<int> v(static_cast<std::size_t>(n));
  std::iota(v.begin(), v.end(), 0);
  return v;
}
// Both sides together are all rows once.
void check_whole(const std::vector<train::split_rows>& all, int n, bool each_once) {
  std::vector<int> held;
  for (const auto& s : all) {
    auto both = s.training.rows;
    both.insert(both.end(), s.held_out.rows.begin(), s.held_out.rows.end());
    CHECK(sorted(both) == numbers(n));
    held.insert(held.end(), s.held_out.rows.begin(), s.held_out.rows.end());
  }
  if (each_once) CHECK(sorted(held) == numbers(n));
}
void check_groups_whole(const train::split_rows& s, const std::vector<int>& groups) {
  std::set<int> left, right;
  for (const int r : s.training.rows) left.insert(groups[std::size_t(r)]);
  for (const int r : s.held_out.rows) right.insert(groups[std::size_t(r)]);
  CHECK_FALSE(right.empty());
  for (const int g : right) CHECK(left.count(g) == 0);
}
}

TEST_CASE("train/data: weighted draws come as often as their weights say") {
  const std::vector<double> w{0, 1, 3, 0, 6, 0};
  const train::weighted_order order{.weights = w, .draws = 20000};
  const auto drawn = order(6, key{1});
  CHECK(drawn == order(6, key{1}));
  CHECK(drawn != order(6, key{2}));
  std::vector<int> count(6);
  for (const int r : drawn) ++count[std::size_t(r)];
  for (std::size_t i = 0; i < 6; ++i) {
    const double p = w[i] / 10;
    CHECK(std::abs(count[i] - 20000 * p) <= 5 * std::sqrt(20000 * p * (1 - p)));
  }
  CHECK(train::weighted_order{{1, 2}}(2, key{1}).size() == 2);
  CHECK_THROWS_AS((train::weighted_order{{0, 0}}(2, key{1})), invalid_argument);
  CHECK_THROWS_AS((train::weighted_order{{1, -1}}(2, key{1})), invalid_argument);
  CHECK_THROWS_AS((train::weighted_order{{1}}(2, key{1})), shape_mismatch);
}

TEST_CASE("train/data: stratified batches hold each class in its share") {
  std::vector<int> classes;
  for (int i = 0; i < 300; ++i) classes.push_back(i < 30 ? 7 : i < 120 ? -2 : 4);
  const train::stratified_order order{classes};
  const auto rows = order(300, key{3});
  CHECK(sorted(rows) == numbers(300));
  CHECK(rows != order(300, key{4}));
  for (const int size : {10, 37, 50})
    for (int first = 0; first + size <= 300; first += size) {
      std::map<int, int> count;
      for (int i = first; i < first + size; ++i) ++count[classes[std::size_t(rows[std::size_t(i)])]];
      CHECK(std::abs(count[7] - 0.1 * size) <= 2);
      CHECK(std::abs(count[-2] - 0.3 * size) <= 2);
      CHECK(std::abs(count[4] - 0.6 * size) <= 2);
    }
  CHECK_THROWS_AS(order(299, key{3}), shape_mismatch);
}

TEST_CASE("train/data: folds") {
  for (const int n : {10, 23}) {
    const auto all = train::k_fold(n, 5, key{1});
    check_whole(all, n, true);
    for (const auto& s : all) CHECK(std::abs(int(s.held_out.rows.size()) - n / 5) <= 1);
  }
  CHECK(train::k_fold(10, 2, key{1})[0].held_out.rows != train::k_fold(10, 2, key{2})[0].held_out.rows);
  std::vector<int> classes(60, 1);
  for (std::size_t i = 0; i < 60; i += 4) classes[i] = 5;
  const auto strata = train::stratified_k_fold(classes, 3, key{1});
  check_whole(strata, 60, true);
  for (const auto& s : strata) {
    int five = 0;
    for (const int r : s.held_out.rows) five += classes[std::size_t(r)] == 5;
    CHECK(five == 5);
  }
  CHECK_THROWS_AS(train::k_fold(10, 1, key{}), invalid_argument);
  CHECK_THROWS_AS(train::k_fold(3, 4, key{}), invalid_argument);
}

TEST_CASE("train/data: a group is never on both sides") {
  std::vector<int> box;
  for (int i = 0; i < 200; ++i) box.push_back(100 - 3 * int(key{1}.below(17, std::uint64_t(i))) * int(key{1}.below(2, std::uint64_t(i) + 900)));
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    const auto folds = train::group_k_fold(box, 4, key{seed});
    check_whole(folds, 200, true);
    for (const auto& s : folds) check_groups_whole(s, box);
    const auto one = train::hold_out_groups(box, 0.3, key{seed});
    check_whole({one}, 200, false);
    check_groups_whole(one, box);
  }
  std::vector<int> equal;
  for (int i = 0; i < 64; ++i) equal.push_back(i / 4);   // sixteen groups of four
  for (const auto& s : train::group_k_fold(equal, 4, key{5})) CHECK(s.held_out.rows.size() == 16);
  CHECK(train::hold_out_groups(equal, 0.25, key{1}).held_out.rows.size() == 16);
  CHECK(train::hold_out(10, 0.3, key{1}).held_out.rows.size() == 3);
  CHECK_THROWS_AS(train::hold_out(10, 0, key{}), invalid_argument);
  CHECK_THROWS_AS(train::hold_out_groups(std::vector<int>{1, 1, 1}, 0.5, key{}), invalid_argument);
  CHECK_THROWS_AS(train::group_k_fold(std::vector<int>{1, 1, 2}, 3, key{}), invalid_argument);
}

TEST_CASE("train/data: rows taken from any array") {
  ndarray<float> x(index_t(4), index_t(2), index_t(3));
  for (index_t i = 0; i < x.size(); ++i) x[i] = float(i);
  const auto t = train::take_rows(x, train::held_out_rows{{3, 0, 3}});
  CHECK(t.extents() == std::vector<index_t>{3, 2, 3});
  CHECK(t[0] == 18);
  CHECK(t[6 + 5] == 5);
  CHECK(t[12] == 18);
  CHECK(train::take_rows(std::vector<int>{4, 5, 6}, std::vector<int>{2})[0] == 6);
  CHECK_THROWS_AS(train::take_rows(x, std::vector<int>{4}), invalid_argument);
}

TEST_CASE("train/data: scalers know the training rows alone") {
  ndarray<double> x(5, 3);
  const double values[] = {1e9 + 4, 2, 5, 1e9 + 7, 4, 5, 1e9 + 13, 9, 5, 1e9 + 16, 5, 5, 1e30, -1e30, 77};
  std::copy_n(values, 15, x.data());
  const train::training_rows first{{0, 1, 2, 3}};
  const train::standard_scaler s(x, first);
  CHECK(s.offset()[0] == 1e9 + 10);
  CHECK(s.scale()[0] * s.scale()[0] == doctest::Approx(22.5).epsilon(1e-15));   // variance 30 with n - 1
  CHECK(s.scale()[2] == 1);                                                     // a constant
  const auto y = s.transform(x);
  for (index_t c = 0; c < 2; ++c) {
    double mean = 0, square = 0;
    for (index_t r = 0; r < 4; ++r) mean += y[3 * r + c] / 4, square += y[3 * r + c] * y[3 * r + c] / 4;
    CHECK(std::abs(mean) < 1e-15);
    CHECK(square == doctest::Approx(1));
  }
  CHECK(y[2] == 0);
  const auto back = s.inverse(y);
  for (index_t i = 0; i < 12; ++i) CHECK(back[i] == doctest::Approx(x[i]).epsilon(1e-15));
  const train::min_max_scaler m(x, first);
  const auto z = m.transform(x);
  CHECK(z[0] == 0);
  CHECK(z[9] == 1);
  CHECK(z[3] == doctest::Approx(0.25));
  CHECK(z[2] == 0);
  CHECK(z[13] < 0);

  ndarray<float> maps(index_t(2), index_t(2), index_t(4));   // two channels of four pixels
  for (index_t i = 0; i < 16; ++i) maps[i] = float(i);
  const train::standard_scaler per_channel(maps, train::training_rows{{0, 1}}, train::scaled_by::channel);
  CHECK(per_channel.offset() == std::vector<double>{5.5, 9.5});
  const train::min_max_scaler all(maps, train::training_rows{{1}}, train::scaled_by::array);
  CHECK(all.offset() == std::vector<double>{8});
  CHECK(all.transform(maps)[15] == 1);
  const train::scaler kept(per_channel.offset(), per_channel.scale());
  CHECK(kept.transform(maps)[3] == per_channel.transform(maps)[3]);

  says(message<error>([&] { train::standard_scaler(x, train::training_rows{}); }), "no data");
  says(message<error>([&] { train::standard_scaler(x, train::training_rows{{5}}); }), "row 5 of 5");
  x[4] = NAN;
  says(message<error>([&] { train::min_max_scaler(x, first); }), "nan in row 1, element 1");
  CHECK_THROWS_AS(s.transform(ndarray<double>(2, 4)), shape_mismatch);
}

TEST_CASE("train/data: a history as CSV") {
  train::fit_report r;
  r.history = {{0, 0.5, NAN, 1.25, 0.1}, {1, 1.0 / 3, 0.25, 2.5, 0.01}};
  const tests::scratch folder;
  const std::string path = folder.file("history.csv");
  train::write_history(path, r);
  const auto back = io::read_csv(path);
  CHECK(back.names == std::vector<std::string>{"epoch", "loss", "validation_loss", "seconds", "learning_rate"});
  CHECK(back.values[1] == 0.5);
  CHECK(std::isnan(back.values[2]));
  CHECK(back.values[5 + 1] == 1.0 / 3);
  CHECK(back.values[9] == 0.01);
}

TEST_CASE("train/data: an ensemble has the same bits on any number of threads") {
  using net = nn::sequential<nn::input<2>, nn::dense<8>, nn::relu, nn::dense<1>>;
  ndarray<float> x(40, 2), y(40, 1);
  for (index_t i = 0; i < 80; ++i) x[i] = key{1}.normal<float>(std::uint64_t(i));
  for (index_t i = 0; i < 40; ++i) y[i] = x[2 * i] * x[2 * i + 1];
  auto run = [&](int threads) {
    return train::ensemble({.members = 5, .threads = threads, .randomness = key{7}}, [&](int, key k) {
      const auto [start, order] = split<2>(k);
      nn::model<net, backend::native<float>> m(start);
      train::fit(m, train::pair_up(x, y), nn::mean_squared_error{}, optim::adam{}, {.epochs = 3, .batch_size = 8, .randomness = order});
      return m.predict(x);
    });
  };
  const auto one = run(1);
  REQUIRE(one.size() == 5);
  for (const int threads : {2, 4, 9}) {
    const auto more = run(threads);
    for (std::size_t i = 0; i < 5; ++i)
      for (index_t e = 0; e < 40; ++e) CHECK(one[i][e] == more[i][e]);
  }
  const auto [mean, deviation] = train::spread_of(one);
  double sum = 0, square = 0;
  for (const auto& p : one) sum += double(p[3]) / 5;
  for (const auto& p : one) square += std::pow(double(p[3]) - sum, 2) / 4;
  CHECK(double(mean[3]) == doctest::Approx(sum).epsilon(1e-6));
  CHECK(double(deviation[3]) == doctest::Approx(std::sqrt(square)).epsilon(1e-5));
  CHECK(deviation[3] > 0);
  CHECK(message<error>([&] {
          train::ensemble({.members = 3, .threads = 2}, [](int i, key) {
            if (i == 1) throw numerical_error("member", "one", "stop");
            return i;
          });
        }) == "cosmoml: member: one; stop");
}
