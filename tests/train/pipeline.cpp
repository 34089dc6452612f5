// Pipelines: the bits of a fit of resident samples in the same order, from memory and from files, with and without reading ahead; augmentation;
// resumed; mistakes.
#include "support/backends.hpp"
#include "support/scratch.hpp"

#include <cosmoml/nn.hpp>
#include <cosmoml/optim.hpp>
#include <cosmoml/train.hpp>

#include <set>

using namespace cosmoml;
using namespace cosmoml::nn;
using tests::tested;
using S = tested::scalar;

using tests::message, tests::says;

namespace {
using net = sequential<input<1, 4, 4>, flatten, dense<11>, relu, dropout<dropout_options{.rate = 0.2}>, dense<3>>;

struct data {
  ndarray<float> x;
  std::vector<int> label;
  std::vector<double> weight;
  explicit data(index_t n) : x(n, index_t(1), index_t(4), index_t(4)), label(std::size_t(n)), weight(std::size_t(n)) {
    for (index_t i = 0; i < x.size(); ++i) x[i] = key{1}.normal<float>(std::uint64_t(i));
    for (std::size_t i = 0; i < label.size(); ++i) label[i] = int(key{2}.below(3, i)), weight[i] = double(i % 4) + 0.5;
  }
  auto samples(bool weighted = false) const {
    auto s = train::pair_up(x, label);
    if (weighted) s.weights = as_ndview(weight);
    return s;
  }
};
struct files : tests::scratch {
  train::npy_files paths{file("x.npy"), file("y.npy"), file("w.npy")};
  std::string checkpoint = file("checkpoint");
  explicit files(const data& d) {
    io::write_npy(paths.inputs, d.x);
    io::write_npy(paths.targets, d.label);
    io::write_npy(paths.weights, d.weight);
  }
};
std::vector<double> fitted(const auto& training, const data& held_out, const train::fit_options& o, key start = key{3}, const train::checkpoint& file = {}) {
  model<net, tested> m(start);
  const auto r = train::fit(m, training, held_out.samples(), cross_entropy{}, optim::adam{{.learning_rate = 0.01}}, o, file);
  std::vector<double> all;
  for (const S v : m.canonical_parameters()) all.push_back(double(v));
  for (const auto& row : r.history) all.push_back(row.loss), all.push_back(row.validation_loss);
  return all;
}
}

TEST_CASE("train/pipeline: a chunked order is a shuffle whose buffers come from few chunks") {
  const train::chunked_order order{.chunk = 10, .buffer = 40};
  auto rows = order(203, key{1});
  CHECK(rows == order(203, key{1}));
  CHECK(rows != order(203, key{2}));
  for (std::size_t first = 0; first < rows.size(); first += 40) {
    std::set<int> chunks;
    for (std::size_t i = first; i < std::min(rows.size(), first + 40); ++i) chunks.insert(rows[i] / 10);
    CHECK(chunks.size() <= 5);
  }
  std::sort(rows.begin(), rows.end());
  for (int i = 0; i < 203; ++i) CHECK(rows[std::size_t(i)] == i);
  CHECK_THROWS_AS((train::chunked_order{.chunk = 0}(4, key{})), invalid_argument);
}

TEST_CASE("train/pipeline: memory, files, reading ahead or not: the bits of a fit of resident samples in the same order") {
  const data d(53), held_out(20);
  const files f(d);
  for (const bool weighted : {false, true}) {
    const train::npy_files paths{f.paths.inputs, f.paths.targets, weighted ? f.paths.weights : ""};
    for (const train::pipeline_options o : {train::pipeline_options{.buffer = 12, .chunk = 5}, {.buffer = 100, .chunk = 4}, {.buffer = 3, .chunk = 2}}) {
      INFO("buffer ", o.buffer, ", weighted ", weighted);
      train::fit_options options{.epochs = 3, .batch_size = 8, .order = train::chunked_order{o.chunk, o.buffer}, .randomness = key{4}};
      const auto wanted = fitted(d.samples(weighted), held_out, options);
      options.order = {};
      auto late = o;
      late.prefetch = false;
      CHECK(fitted(train::pipeline(train::memory_source(d.samples(weighted)), o), held_out, options) == wanted);
      CHECK(fitted(train::pipeline(train::npy_source(paths), o), held_out, options) == wanted);
      CHECK(fitted(train::pipeline(train::npy_source(paths), late), held_out, options) == wanted);
      options.shuffle = false;
      CHECK(fitted(train::pipeline(train::npy_source(paths), o), held_out, options) == fitted(d.samples(weighted), held_out, options));
      options.order = train::weighted_order{d.weight, 40};
      options.accumulate = 2;
      CHECK(fitted(train::pipeline(train::npy_source(paths), o), held_out, options) == fitted(d.samples(weighted), held_out, options));
    }
  }
}

TEST_CASE("train/pipeline: augmentation is the same on any buffer and thread, new in each epoch, and cut to the network's input") {
  const data d(30), held_out(8);
  ndarray<float> large(index_t(30), index_t(1), index_t(6), index_t(6));
  for (index_t i = 0; i < large.size(); ++i) large[i] = key{5}.normal<float>(std::uint64_t(i));
  const train::fit_options in_order{.epochs = 2, .batch_size = 8, .shuffle = false, .randomness = key{4}};
  auto run = [&](index_t buffer, bool prefetch, auto... policies) {
    return fitted(train::pipeline(train::memory_source(train::pair_up(large, d.label)), {.buffer = buffer, .prefetch = prefetch}, train::augment::crop{{4, 4}}, policies...), held_out, in_order);
  };
  const auto wanted = run(30, false, train::augment::cube_symmetries{}, train::augment::noise{.deviation = 0.1});
  CHECK(run(7, true, train::augment::cube_symmetries{}, train::augment::noise{.deviation = 0.1}) == wanted);
  CHECK(run(7, true) != wanted);
  // a policy of one's own sees each sample of each epoch once, under its own key
  std::set<std::uint64_t> keys;
  auto watch = [&keys](auto&, key k) { keys.insert(k.value); };
  run(30, false, watch);
  CHECK(keys.size() == 60);
  says(message<error>([&] { fitted(train::pipeline(train::memory_source(train::pair_up(large, d.label))), held_out, in_order); }), "samples of shape (1, 6, 6)");
}

TEST_CASE("train/pipeline: resumed within an epoch it goes on with the same bits") {
  const data d(53), held_out(20);
  const files f(d);
  const train::pipeline training(train::npy_source(f.paths), {.buffer = 12, .chunk = 5}, train::augment::flips{});
  train::fit_options o{.epochs = 3, .batch_size = 8, .randomness = key{4}};
  const auto wanted = fitted(training, held_out, o);
  struct stop_after {
    int steps;
    void on_batch(const train::progress&) { --steps; }
    bool stop_requested() const { return steps <= 0; }
  };
  const train::checkpoint file{.path = f.checkpoint, .every_epochs = 0};
  for (int steps = 4; steps < 20; steps += 4) {
    stop_after stop{4};
    model<net, tested> m(key{3});
    CHECK(train::fit(m, training, held_out.samples(), cross_entropy{}, optim::adam{{.learning_rate = 0.01}}, o, stop, file).steps == steps);
  }
  CHECK(fitted(training, held_out, o, key{99}, file) == wanted);
  const train::pipeline other(train::npy_source(f.paths), {.buffer = 13, .chunk = 5});
  says(message<error>([&] { fitted(other, held_out, o, key{3}, file); }), "a pipeline of buffer 12, chunk 5 in the file and a pipeline of buffer 13, chunk 5 here");
}

TEST_CASE("train/pipeline: mistakes are told, also from the thread that reads ahead") {
  data d(40);
  const data held_out(8);
  const train::fit_options o{.epochs = 1, .batch_size = 4, .shuffle = false};
  auto fit = [&](const auto& training) { return message<error>([&] { fitted(training, held_out, o); }); };
  d.label[33] = 3;
  const files f(d);
  says(fit(train::pipeline(train::npy_source(f.paths), {.buffer = 8})), "label 3 in sample 33; number the classes 0 to 2");
  d.x[16 * 20 + 5] = NAN;
  says(fit(train::pipeline(train::memory_source(d.samples()), {.buffer = 8})), "nan in sample 20, element 5");
  says(message<error>([&] { train::npy_source({.inputs = f.paths.inputs, .targets = f.file("none.npy")}); }), "none.npy");
  io::write_npy(f.paths.targets, std::vector<int>(39));
  says(message<error>([&] { train::npy_source(f.paths); }), "40 inputs, 39 targets");
  CHECK_THROWS_AS(train::pipeline(train::memory_source(d.samples()), {.buffer = 0}), invalid_argument);
  // a file that shrinks while it is read
  io::write_npy(f.paths.targets, d.label);
  train::npy_source source({f.paths.inputs, f.paths.targets});
  CHECK(truncate(f.paths.inputs.c_str(), 1000) == 0);
  says(fit(train::pipeline(std::move(source), {.buffer = 8})), "it ends too early");
}
