#include "support/backends.hpp"
#include "support/scratch.hpp"

#include <cosmoml/nn.hpp>
#include <cosmoml/optim.hpp>
#include <cosmoml/train.hpp>

using namespace cosmoml;
using namespace cosmoml::nn;
using tests::tested;
using S = tested::scalar;

using tests::message, tests::says;

namespace {
using net = sequential<input<2>, dense<16>, relu, dense<3>>;

// Three classes by angle.
struct wedges {
  ndarray<float> x;
  std::vector<int> label;
  explicit wedges(index_t n) : x(n, 2), label(std::size_t(n)) {
    for (index_t i = 0; i < n; ++i) {
      const double a = 6.283185307 * key{8}.uniform(std::uint64_t(i));
      x[2 * i] = float(std::cos(a)), x[2 * i + 1] = float(std::sin(a));
      label[std::size_t(i)] = int(a / 6.283185307 * 3);
    }
  }
};
}

TEST_CASE("train/fit: learns, reports each epoch, and tells observers") {
  const wedges d(600);
  const auto all = train::pair_up(d.x, d.label);
  model<net, tested> m(key{1});
  struct listener {
    int batches = 0, epochs = 0;
    index_t rows = 0;
    void on_batch(const train::progress& p) {
      ++batches;
      CHECK(p.batches == 16);
    }
    void on_epoch(const train::epoch_report<S>& r) {
      ++epochs;
      rows = r.validation_output.rows();
    }
  } heard;
  const auto r = train::fit(m, all.middle_rows(0, 500), all.middle_rows(500, 100), cross_entropy{}, optim::adam{{.learning_rate = 1e-2}},
                            {.epochs = 12, .batch_size = 32, .randomness = key{2}}, heard);
  CHECK(r.history.size() == 12);
  CHECK(r.steps == 12 * 16);
  CHECK(heard.batches == 12 * 16);
  CHECK(heard.epochs == 12);
  CHECK(heard.rows == 100);
  CHECK(r.history.back().loss < 0.3 * r.history.front().loss);
  CHECK(r.history.back().validation_loss < 0.4);
  const train::confusion c(d.label, train::most_likely(m.predict(d.x)), 3);
  CHECK(c.accuracy() > 0.93);
}

TEST_CASE("train/fit: the same keys give the same numbers; shuffled or not matters") {
  const wedges d(100);
  const auto all = train::pair_up(d.x, d.label);
  auto run = [&](bool shuffle, std::uint64_t seed) {
    model<net, tested> m(key{1});
    train::fit(m, all, cross_entropy{}, optim::sgd{{.learning_rate = 0.1}}, {.epochs = 3, .batch_size = 7, .shuffle = shuffle, .randomness = key{seed}});
    return m.canonical_parameters();
  };
  const auto a = run(true, 1), b = run(true, 1), c = run(true, 2), e = run(false, 1), f = run(false, 2);
  bool other_key = false, other_order = false;
  for (index_t i = 0; i < a.size(); ++i) {
    CHECK(a[i] == b[i]);
    CHECK(e[i] == f[i]);
    other_key = other_key || a[i] != c[i];
    other_order = other_order || a[i] != e[i];
  }
  CHECK(other_key);
  CHECK(other_order);
}

TEST_CASE("train/fit: a weight of two is a sample given twice, of zero one left out") {
  const wedges d(30);
  std::vector<double> weight(30);
  ndarray<float> repeated(30, 2);
  std::vector<int> labels;
  for (std::size_t i = 0; i < 30; ++i) {
    weight[i] = double(i % 3);   // 0, 1, 2
    for (int k = 0; k < int(i % 3); ++k) {
      std::copy_n(d.x.row(index_t(i)), 2, repeated.row(index_t(labels.size())));
      labels.push_back(d.label[i]);
    }
  }
  REQUIRE(labels.size() == 30);
  auto weighted = train::pair_up(d.x, d.label);
  weighted.weights = as_ndview(weight);
  model<net, tested> a(key{1}), b(key{1});
  const train::fit_options o{.epochs = 5, .batch_size = 100, .shuffle = false};
  train::fit(a, weighted, cross_entropy{}, optim::sgd{{.learning_rate = 0.5}}, o);
  train::fit(b, train::pair_up(repeated, labels), cross_entropy{}, optim::sgd{{.learning_rate = 0.5}}, o);
  const auto pa = a.canonical_parameters(), pb = b.canonical_parameters();
  for (index_t i = 0; i < pa.size(); ++i) CHECK(double(pa[i]) == doctest::Approx(double(pb[i])).epsilon(sizeof(S) == 4 ? 1e-5 : 1e-12));
}

TEST_CASE("train/fit: regression with several targets") {
  ndarray<float> x(200, 2), t(200, 2);
  for (index_t i = 0; i < 200; ++i) {
    x[2 * i] = float(key{1}.uniform(std::uint64_t(2 * i))), x[2 * i + 1] = float(key{1}.uniform(std::uint64_t(2 * i + 1)));
    t[2 * i] = 3 * x[2 * i] - x[2 * i + 1] + 1, t[2 * i + 1] = 0.5f * x[2 * i + 1];
  }
  model<sequential<input<2>, dense<2>>, tested> m(key{1});
  const auto r = train::fit(m, train::pair_up(x, t), mean_squared_error{}, optim::sgd{{.learning_rate = 0.5}}, {.epochs = 200, .batch_size = 50, .randomness = key{3}});
  CHECK(r.history.back().loss < 1e-4);
  const auto p = m.canonical_parameters();
  CHECK(double(p[0]) == doctest::Approx(3).epsilon(0.02));
  CHECK(double(p[1]) == doctest::Approx(-1).epsilon(0.03));
  CHECK(double(p[4]) == doctest::Approx(1).epsilon(0.03));
}

TEST_CASE("train/fit: the loss of many weighted validation samples is their weighted mean") {
  const index_t n = 2500;   // more than two pieces of an evaluation
  ndarray<float> x(n, 2), t(n, 2);
  std::vector<double> w(static_cast<std::size_t>(n));
  for (index_t i = 0; i < 2 * n; ++i) x[i] = float(key{4}.uniform(std::uint64_t(i))), t[i] = float(i) / float(n);
  for (index_t i = 0; i < n; ++i) w[std::size_t(i)] = double(i % 3);
  auto all = train::pair_up(x, t);
  all.weights = as_ndview(w);
  model<sequential<input<2>, dense<2>>, tested> m(key{1});
  const auto r = train::fit(m, all.middle_rows(0, 100), all, mean_squared_error{}, optim::sgd{{.learning_rate = 0.1}}, {.epochs = 1});
  const auto y = m.predict(x);
  double sum = 0, weight = 0;
  for (index_t i = 0; i < 2 * n; ++i) sum += w[std::size_t(i / 2)] * std::pow(double(y[i]) - double(t[i]), 2), weight += w[std::size_t(i / 2)];
  CHECK(r.history[0].validation_loss == doctest::Approx(sum / weight).epsilon(1e-5));
}

TEST_CASE("train/fit: an observer may end the training") {
  const wedges d(60);
  const auto all = train::pair_up(d.x, d.label);
  model<net, tested> m(key{1});
  struct enough {
    bool on_epoch(const train::epoch_report<S>& r) { return r.epoch == 3; }
    const char* reason() const { return "enough"; }
  } stop;
  const auto r = train::fit(m, all, all, cross_entropy{}, optim::sgd{}, {.epochs = 50, .batch_size = 20}, stop);
  CHECK(r.history.size() == 4);
  CHECK(r.stopped_early);
  CHECK(std::string(r.reason) == "enough");
}

TEST_CASE("train/fit: a run that diverges names batch and layer and keeps the last good parameters") {
  const wedges d(60);
  using deep = sequential<input<2>, named<"body", sequential<named<"hidden", dense<8>>, relu>>, named<"norm", batch_norm<>>, named<"head", dense<3>>>;
  model<deep, tested> m(key{1});
  const auto before = m.canonical_parameters(), statistics = m.canonical_statistics();
  const optim::sgd wild{{.learning_rate = sizeof(S) == 4 ? 1e28 : 1e200}};
  const auto text = message<error>([&] { train::fit(m, train::pair_up(d.x, d.label), cross_entropy{}, wild, {.epochs = 3, .batch_size = 20, .shuffle = false}); });
  says(text, "in epoch 0, batch 1, after 1 steps");
  INFO(text);
  says(text, "the output of layer head (dense<3>)");
  says(text, "the parameters of the start again");
  const auto after = m.canonical_parameters(), kept = m.canonical_statistics();
  for (index_t i = 0; i < before.size(); ++i) CHECK(before[i] == after[i]);
  for (index_t i = 0; i < kept.size(); ++i) CHECK(statistics[i] == kept[i]);

  auto p = before;
  for (S& v : p) v = sizeof(S) == 4 ? S(3e38) : S(1.7e308);
  m.set_canonical_parameters(p);
  m.load(std::vector<S>{1, 1, 2, 2});
  CHECK(m.not_finite() == "the output of layer body.hidden (dense<8>)");
  p[17] = S(NAN);
  m.set_canonical_parameters(p);
  CHECK(m.not_finite() == "parameter body.hidden.bias");
  m.set_canonical_parameters(before);
  m.load(std::vector<S>{1, 1, 2, 2});
  m.set_canonical_statistics(statistics);
  CHECK(m.not_finite() == "");
}

namespace {
// With parameters so large after the first step of the second epoch that a convolution within the sum overflows. (COSMOML_CHECKS=2 names that one.)
template <int Channels>
void check_diverging_maps() {
  using maps = sequential<input<1, 6, 6>, conv<Channels, 3, conv_options{.padding = 1}>, batch_norm<>, relu,
                          residual<sequential<conv<Channels, 3, conv_options{.padding = 1}>, batch_norm<>, relu, conv<Channels, 3, conv_options{.padding = 1}>>>, max_pool<2>, flatten, named<"head", dense<3>>>;
  ndarray<float> x(index_t(60), index_t(6), index_t(6));
  std::vector<int> label(60);
  for (index_t i = 0; i < x.size(); ++i) x[i] = key{5}.normal<float>(std::uint64_t(i));
  for (std::size_t i = 0; i < label.size(); ++i) label[i] = int(i % 3);
  model<maps, tested> m(key{1}), good(key{1}), read(key{2});
  const tests::scratch folder;
  const train::checkpoint file{.path = folder.file("run.checkpoint")};
  const auto training = train::pair_up(x, label);
  train::fit_options o{.epochs = 1, .batch_size = 20, .shuffle = false};
  train::fit(good, training, cross_entropy{}, optim::sgd{{.learning_rate = 0.01}}, o);
  // an epoch that ends well, and then a rate that no network survives
  o.epochs = 3;
  o.schedule = [](const optim::moment& at) { return at.step < 3 ? 1 : sizeof(S) == 4 ? 1e32 : 1e260; };
  const auto text = message<numerical_error>([&] { train::fit(m, training, cross_entropy{}, optim::sgd{{.learning_rate = 0.01}}, o, file); });
  says(text, "in epoch 1, batch 1, after 4 steps");
  says(text, "the output of layer 3 (residual)");
  says(text, "the parameters after 3 steps again");
  train::load_checkpoint(file.path, read);
  const auto wanted = good.canonical_parameters(), kept = m.canonical_parameters(), saved = read.canonical_parameters();
  const auto wanted_statistics = good.canonical_statistics(), kept_statistics = m.canonical_statistics(), saved_statistics = read.canonical_statistics();
  for (index_t i = 0; i < wanted.size(); ++i) CHECK((kept[i] == wanted[i] && saved[i] == wanted[i]));
  for (index_t i = 0; i < wanted_statistics.size(); ++i) CHECK((kept_statistics[i] == wanted_statistics[i] && saved_statistics[i] == wanted_statistics[i]));
}
}

TEST_CASE("train/fit: convolutions that diverge, many channels and few: batch and layer are named, the last good epoch is kept and saved") {
  check_diverging_maps<20>();
  check_diverging_maps<3>();
}

TEST_CASE("train/fit: mistakes are told with sample, value and cure") {
  wedges d(20);
  model<net, tested> m(key{1});
  const optim::sgd o{};
  const cross_entropy loss{};
  auto fit = [&](const auto& s, train::fit_options options = {}) { train::fit(m, s, loss, o, options); };
  says(message<error>([&] { fit(train::pair_up(ndarray<float>(0, 2), std::vector<int>{})); }), "no data");
  says(message<error>([&] { train::pair_up(d.x, std::vector<int>(3)); }), "20 inputs and 3 targets");
  says(message<error>([&] { fit(train::pair_up(ndarray<float>(20, 3), d.label)); }), "3 elements a row where one sample takes 2");
  says(message<error>([&] { fit(train::pair_up(d.x, d.label), {.epochs = 0}); }), "0 epochs");
  says(message<error>([&] { fit(train::pair_up(d.x, d.label), {.batch_size = 0}); }), "batch size 0");
  d.label[7] = 3;
  says(message<error>([&] { fit(train::pair_up(d.x, d.label)); }), "label 3 in sample 7; number the classes 0 to 2");
  d.label[7] = -1;
  says(message<error>([&] { fit(train::pair_up(d.x, d.label)); }), "label -1 in sample 7");
  d.label[7] = 0;
  std::vector<double> shares(d.label.begin(), d.label.end());
  CHECK(message<error>([&] { fit(train::pair_up(d.x, shares)); }) == "no error");
  shares[7] = 0.5;
  says(message<error>([&] { fit(train::pair_up(d.x, shares)); }), "label 0.5 in sample 7; number the classes 0 to 2");
  d.x[9] = NAN;
  says(message<error>([&] { fit(train::pair_up(d.x, d.label)); }), "nan in sample 4, element 1");
  d.x[9] = 1e30f;
  says(message<error>([&] { train::fit(m, train::pair_up(d.x, d.label), loss, optim::sgd{{.learning_rate = 1e30}}, {.epochs = 20}); }), "lower the learning rate");
}
