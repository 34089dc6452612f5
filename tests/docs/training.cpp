// What docs/training.md shows, compiled and run.
#include <cosmoml/backend/native.hpp>
#include <cosmoml/nn.hpp>
#include <cosmoml/optim.hpp>
#include <cosmoml/train.hpp>

#include <doctest/doctest.h>

#include <cstdlib>
#include <unistd.h>

using namespace cosmoml;
using namespace cosmoml::nn;

namespace {
using net = sequential<input<3>, named<"encoder", sequential<dense<16>, relu>>, named<"head", dense<1>>>;
using model_type = model<net, backend::native<float>>;
struct boxes {   // 60 samples of 12 simulation boxes
  ndarray<float> x{index_t(60), index_t(3)}, y{index_t(60), index_t(1)};
  std::vector<int> box;
  boxes() {
    for (index_t i = 0; i < 180; ++i) x[i] = 3 + 2 * key{1}.normal<float>(std::uint64_t(i));
    for (index_t i = 0; i < 60; ++i) y[i] = x[3 * i] - 0.5f * x[3 * i + 1], box.push_back(int(i % 12));
  }
};
struct folder {
  folder() {
    char name[] = "/tmp/cosmoml-docs-XXXXXX";
    before = get_current_dir_name();
    path = mkdtemp(name);
    CHECK(chdir(path.c_str()) == 0);
  }
  ~folder() {
    CHECK(chdir(before) == 0);
    std::free(before);
    (void)!std::system(("rm -rf " + path).c_str());
  }
  char* before;
  std::string path;
};
}

TEST_CASE("docs/training: options") {
  const boxes b;
  const auto training = train::pair_up(b.x, b.y);
  model_type m(key{2});
  // region: options
  const auto report = train::fit(m, training, mean_squared_error{}, optim::adamw{{.learning_rate = 1e-2}},
                                 {.epochs = 40,
                                  .batch_size = 16,
                                  .randomness = key{7},
                                  .schedule = optim::warm_up{{.length = 10}, optim::cosine_restarts{{.length = 40}}},
                                  .accumulate = 2,
                                  .clip = {.norm = 1},
                                  .average = {.kind = optim::averaging::exponential, .decay = 0.9},
                                  .groups = {{.fields = "encoder", .rate = 0.5}, {.fields = "*.bias", .weight_decay = 0}}});
  // end region
  CHECK(report.steps == 80);
  CHECK(report.history.back().loss < 0.5 * report.history.front().loss);
  // region: schedule
  const optim::schedule slower = [](const optim::moment& now) { return 1 / (1 + 0.1 * double(now.epoch())); };
  // end region
  CHECK(slower({20, 2, {}}) == 0.5);
}

TEST_CASE("docs/training: a line search") {
  const boxes b;
  const auto training = train::pair_up(b.x, b.y);
  model<sequential<input<3>, dense<1>>, backend::native<double>> m(key{2});
  // region: search
  const optim::lbfgs search{{.max_iterations = 20, .lower = {-2}, .upper = {2}}};
  train::fit(m, training, mean_squared_error{}, search, {.epochs = 10, .batch_size = training.rows(), .shuffle = false});
  // end region
  const auto p = m.canonical_parameters();
  CHECK(p[0] == doctest::Approx(1).epsilon(1e-3));
  CHECK(p[1] == doctest::Approx(-0.5).epsilon(1e-3));
}

TEST_CASE("docs/training: checkpoints") {
  const folder here;
  const boxes b;
  const auto training = train::pair_up(b.x, b.y);
  model_type m(key{2});
  // region: checkpoint
  train::stop_on_signal stop;   // SIGTERM; stop_on_signal({SIGTERM, SIGINT}) for both
  const auto report = train::fit(m, training, mean_squared_error{}, optim::adam{},
                                 {.epochs = 20, .randomness = key{7}}, train::checkpoint{.path = "run.checkpoint", .every_steps = 500}, stop);
  if (stop.stop_requested()) return;   // the queue starts the same program again, which goes on from there
  train::write_history("run.csv", report);
  // end region
  CHECK(io::read_csv("run.csv").values.rows() == 20);
  // region: load
  model<net, backend::native<float>, mode::inference> predictor(key{});
  train::load_checkpoint("run.checkpoint", predictor);
  // end region
  CHECK(predictor.predict(b.x)[5] == doctest::Approx(m.predict(b.x)[5]));
}

TEST_CASE("docs/training: splits and scalers") {
  const boxes b;
  const auto& [x, y, box] = b;
  // region: split
  for (const auto& [training, held_out] : train::group_k_fold(box, 4, key{3})) {
    const train::standard_scaler scale(x, training);   // held_out would not compile
    const auto seen = scale.transform(train::take_rows(x, training)), unseen = scale.transform(train::take_rows(x, held_out));
    const auto seen_y = train::take_rows(y, training), unseen_y = train::take_rows(y, held_out);
    model_type m(key{2});
    train::fit(m, train::pair_up(seen, seen_y), train::pair_up(unseen, unseen_y), mean_squared_error{}, optim::adam{}, {.epochs = 2});
  }
  // end region
  const auto training = train::pair_up(x, y);
  // region: ensemble
  const auto predictions = train::ensemble({.members = 5, .threads = 2, .randomness = key{7}}, [&](int, key k) {
    const auto [start, order] = split<2>(k);
    model_type m(start);
    train::fit(m, training, mean_squared_error{}, optim::adam{}, {.epochs = 2, .randomness = order});
    return m.predict(x);
  });
  const auto [mean, deviation] = train::spread_of(predictions);
  // end region
  CHECK(deviation[0] > 0);
  CHECK(mean.rows() == 60);
}

TEST_CASE("docs/training: pipelines") {
  const folder here;
  using volume = sequential<input<1, 4, 4, 4>, flatten, dense<8>, relu, dense<2>>;
  ndarray<float> x(index_t(32), index_t(1), index_t(6), index_t(6), index_t(6));
  std::vector<int> label;
  for (index_t i = 0; i < x.size(); ++i) x[i] = key{1}.normal<float>(std::uint64_t(i));
  for (int i = 0; i < 32; ++i) label.push_back(i % 2);
  io::write_npy("boxes.npy", x);
  io::write_npy("labels.npy", label);
  model<volume, backend::native<float>> m(key{2});
  // region: pipeline
  namespace augment = train::augment;
  const train::pipeline data(train::npy_source({.inputs = "boxes.npy", .targets = "labels.npy"}), {.buffer = 4096, .chunk = 64},
                             augment::crop{{4, 4, 4}}, augment::cube_symmetries{}, augment::noise{.deviation = 0.01});
  train::fit(m, data, cross_entropy{}, optim::adam{}, {.epochs = 5, .randomness = key{7}});
  // end region
  model<sequential<input<1, 6, 6, 6>, flatten, dense<2>>, backend::native<float>> other(key{2});
  const auto all = train::pair_up(x, label);
  // region: order
  train::fit(other, all, cross_entropy{}, optim::adam{}, {.epochs = 2, .batch_size = 8, .order = train::stratified_order{label}});
  // end region
}
