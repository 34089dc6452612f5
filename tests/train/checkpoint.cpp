// A training that is cut after any step and resumed has the bits of one that was not; damaged and foreign files are refused.
#include "support/backends.hpp"
#include "support/scratch.hpp"

#include <cosmoml/nn.hpp>
#include <cosmoml/optim.hpp>
#include <cosmoml/train.hpp>

#include <cstdio>
#include <string>

using namespace cosmoml;
using namespace cosmoml::nn;
using tests::tested;
using S = tested::scalar;

using tests::message, tests::says;

namespace {
using net = sequential<input<3>, named<"body", sequential<dense<9>, batch_norm<>, relu, dropout<dropout_options{.rate = 0.3}>>>, named<"head", dense<2>>>;

struct data {
  ndarray<double> x, y;
  explicit data(index_t n) : x(n, 3), y(n, 2) {
    for (index_t i = 0; i < x.size(); ++i) x[i] = key{1}.normal(std::uint64_t(i));
    for (index_t i = 0; i < y.size(); ++i) y[i] = key{2}.normal(std::uint64_t(i));
  }
  auto samples() const { return train::pair_up(x, y); }
};
// Ends the training, as a signal would, after so many steps of this run.
struct stop_after {
  int steps;
  void on_batch(const train::progress&) { --steps; }
  bool stop_requested() const { return steps <= 0; }
  const char* reason() const { return "enough for today"; }
};
struct outcome {
  std::vector<S> parameters, statistics;
  std::vector<double> losses;
  bool operator==(const outcome&) const = default;
};
template <class Model>
outcome outcome_of(Model& m, const train::fit_report& r) {
  const auto p = m.canonical_parameters(), s = m.canonical_statistics();
  outcome o{{p.begin(), p.end()}, {s.begin(), s.end()}, {}};
  for (const auto& row : r.history) o.losses.insert(o.losses.end(), {row.loss, row.validation_loss, row.learning_rate});
  return o;
}

// Whole, and cut after every `pieces` steps.
template <class Net = net, class Opt>
void check_resume(const char* name, const Opt& optimizer, train::fit_options o, std::initializer_list<int> pieces = {1, 5}) {
  INFO(name);
  const data d(26), held_out(11);
  const tests::scratch folder;
  const std::string path = folder.file("run.checkpoint");
  auto rises = [] { return train::stop_after_rises({.from = 1, .rises = 3}); };
  auto whole_rises = rises();
  model<Net, tested> whole(key{3});
  const auto r = train::fit(whole, d.samples(), held_out.samples(), mean_squared_error{}, optimizer, o, whole_rises);
  const outcome wanted = outcome_of(whole, r);
  REQUIRE(r.steps > 3);
  for (const int piece : pieces) {
    INFO("pieces of ", piece, " steps");
    std::remove(path.c_str());
    const train::checkpoint kept{.path = path, .every_epochs = 0};
    for (int run = 0;; ++run) {
      REQUIRE(run < 200);
      model<Net, tested> m(key{std::uint64_t(100 + run)});   // its own start does not matter once it resumes
      if (run == 0) m.set_canonical_parameters(model<Net, tested>(key{3}).canonical_parameters());
      auto some = rises();
      stop_after stop{piece};
      const auto part = train::fit(m, d.samples(), held_out.samples(), mean_squared_error{}, optimizer, o, some, stop, kept);
      CHECK(part.resumed == (run > 0));
      if (part.reason == "enough for today") continue;
      CHECK(part.steps == r.steps);
      CHECK(part.reason == r.reason);
      CHECK(part.stopped_early == r.stopped_early);
      CHECK(outcome_of(m, part) == wanted);
      break;
    }
  }
}
}

TEST_CASE("train/checkpoint: a resumed training has the bits of a whole one, with every optimiser") {
  const train::fit_options o{.epochs = 5, .batch_size = 8, .randomness = key{4}};
  check_resume("sgd", optim::sgd{{.learning_rate = 0.05}}, o);
  check_resume("momentum", optim::sgd{{.learning_rate = 0.05, .momentum = 0.9}}, o);
  check_resume("adam", optim::adam{{.learning_rate = 0.01}}, o, {1, 3, 7});
  check_resume("amsgrad", optim::adamw{{.learning_rate = 0.01, .amsgrad = true}}, o);
  check_resume("rmsprop", optim::rmsprop{{.learning_rate = 0.01, .momentum = 0.5, .centered = true}}, o);
}
TEST_CASE("train/checkpoint: a resumed training has the bits of a whole one, with every option") {
  train::fit_options o{.epochs = 6, .batch_size = 6, .randomness = key{4}, .schedule = optim::warm_up{{.length = 4}, optim::plateau{{.factor = 0.5, .patience = 0}}}, .accumulate = 2,
                       .clip = {.norm = 0.5}, .average = {.kind = optim::averaging::exponential, .decay = 0.8, .from_epoch = 1},
                       .groups = {{.fields = "body.0", .rate = 0.3}, {.fields = "head.bias", .frozen = true}}};
  check_resume("all of them", optim::adam{{.learning_rate = 0.02}}, o);
  o.shuffle = false;
  o.average = {.kind = optim::averaging::equal, .every = 0};
  check_resume("in order", optim::sgd{{.learning_rate = 0.05, .momentum = 0.9}}, o);
}
TEST_CASE("train/checkpoint: a resumed training has the bits of a whole one, with convolutions and shared layers") {
  using filter = shared<"filter", conv<5, 3, conv_options{.padding = 1}>>;
  using maps = sequential<input<1, 3>, conv<5, 1>, filter, batch_norm<>, relu, filter, flatten, named<"last", dense<2>>>;
  train::fit_options o{.epochs = 3, .batch_size = 8, .randomness = key{4}};
  check_resume<maps>("maps", optim::adam{{.learning_rate = 0.01}}, o);
  o.groups = {{.fields = "filter", .frozen = true}, {.fields = "last", .rate = 2}};
  check_resume<maps>("frozen filter", optim::sgd{{.learning_rate = 0.01, .momentum = 0.5}}, o);
}
TEST_CASE("train/checkpoint: a resumed training has the bits of a whole one, with L-BFGS") {
  using smooth = sequential<input<3>, dense<5>, tanh_layer, dense<2>>;
  const train::fit_options o{.epochs = 8, .batch_size = 26, .shuffle = false};
  check_resume<smooth>("lbfgs", optim::lbfgs{{.max_iterations = 3, .history = 4}}, o, {1, 3});
  check_resume<smooth>("bounds", optim::lbfgs{{.max_iterations = 3, .history = 4, .lower = {-0.4}, .upper = {0.5}}}, o, {1, 3});
}

TEST_CASE("train/checkpoint: written by steps and epochs, read as parameters, taken further") {
  const data d(26);
  const tests::scratch folder;
  const std::string path = folder.file("run.checkpoint");
  const optim::adam adam{{.learning_rate = 0.01}};
  model<net, tested> m(key{3}), longer(key{9}), whole(key{3});
  train::fit_options o{.epochs = 2, .batch_size = 8, .randomness = key{4}};
  train::checkpoint kept{.path = path, .every_steps = 3};
  train::fit(m, d.samples(), mean_squared_error{}, adam, o, kept);
  model<net, tested, mode::inference> reader(key{77});
  train::load_checkpoint(path, reader);
  CHECK(outcome_of(reader, {}) == outcome_of(m, {}));
  o.epochs = 4;
  const auto r = train::fit(longer, d.samples(), mean_squared_error{}, adam, o, kept);
  CHECK(r.resumed);
  CHECK(r.history.size() == 4);
  train::fit(whole, d.samples(), mean_squared_error{}, adam, o);
  CHECK(outcome_of(longer, {}) == outcome_of(whole, {}));
  // nothing left to do: the same again; begun anew: the file is written over
  CHECK(train::fit(m, d.samples(), mean_squared_error{}, adam, o, kept).steps == r.steps);
  CHECK(outcome_of(m, {}) == outcome_of(whole, {}));
  kept.resume = false;
  CHECK_FALSE(train::fit(m, d.samples(), mean_squared_error{}, adam, o, kept).resumed);
  // a run that diverges leaves the last good file
  o.epochs = 6;
  kept.every_steps = 1;
  model<net, tested> wild(key{3});
  CHECK_THROWS_AS(train::fit(wild, d.samples(), mean_squared_error{}, optim::sgd{{.learning_rate = sizeof(S) == 4 ? 1e30 : 1e250}}, o, kept), numerical_error);
  train::load_checkpoint(path, reader);
  for (const S v : reader.canonical_parameters()) CHECK(std::isfinite(v));
  CHECK(outcome_of(reader, {}).parameters == outcome_of(wild, {}).parameters);
}

TEST_CASE("train/checkpoint: files of another training, damaged ones and others are refused with the reason") {
  const data d(26);
  const tests::scratch folder;
  const std::string path = folder.file("run.checkpoint");
  const optim::adam adam{};
  model<net, tested> m(key{3});
  const train::fit_options o{.epochs = 1, .batch_size = 8, .randomness = key{4}};
  train::checkpoint kept{.path = path};
  auto fit = [&](const auto& optimizer, train::fit_options options) { return message<error>([&] { train::fit(m, d.samples(), mean_squared_error{}, optimizer, options, kept); }); };
  CHECK(fit(adam, o) == "no error");
  const auto before = m.canonical_parameters();
  auto other = o;
  other.batch_size = 9;
  says(fit(adam, other), "batch_size 8 in the file and 9 here");
  other = o;
  other.randomness = key{5};
  says(fit(adam, other), "key 4 in the file and 5 here");
  says(fit(optim::rmsprop{}, o), "no optimizer.square.body.0.weight");
  says(message<error>([&] {
          model<sequential<input<3>, named<"body", sequential<dense<10>, batch_norm<>, relu, dropout<dropout_options{.rate = 0.3}>>>, named<"head", dense<2>>>, tested> wide(key{1});
          train::load_checkpoint(path, wide);
        }), "model.body.0.weight of type");
  kept.path = "/no/such/folder/run.checkpoint";
  says(fit(adam, o), "/no/such/folder/run.checkpoint");
  kept.path = path;

  const io::bytes whole = io::read_file(path);
  auto refused = [&](const io::bytes& b) {
    io::write_file(path, b.data(), b.size());
    return fit(adam, o) != "no error";
  };
  for (std::uint64_t i = 0; i < 60; ++i) {
    io::bytes b = whole;
    b.resize(std::size_t(key{5}.below(whole.size(), i)));
    CHECK(refused(b));
    b = whole;
    b[std::size_t(key{6}.below(whole.size(), i))] ^= static_cast<unsigned char>(1u << key{7}.below(8, i));
    CHECK(refused(b));
  }
  io::write_file(path, whole.data(), whole.size());
  auto p = m.canonical_parameters();
  for (index_t i = 0; i < p.size(); ++i) CHECK(p[i] == before[i]);   // no refused file has touched the model
  io::safetensors plain;
  plain.metadata.emplace_back("format", "pt");
  io::write_safetensors(path, plain);
  says(fit(adam, o), "that is no checkpoint");
}
