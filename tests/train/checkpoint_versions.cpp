// Checkpoint files of every version that this library reads; others are refused. tests/golden/checkpoint_1_0 was written by the program in
// `make`, compiled at version 1.0: COSMOML_MAKE_CHECKPOINT=path test_train_checkpoint_versions. A new minor version adds its own file and keeps this.
#include <cosmoml/backend/native.hpp>
#include <cosmoml/backend/reference.hpp>
#include <cosmoml/nn.hpp>
#include <cosmoml/optim.hpp>
#include <cosmoml/train.hpp>

#include <doctest/doctest.h>
#include <support/folder.hpp>

#include <cmath>
#include <cstdlib>
#include <unistd.h>

using namespace cosmoml;
using namespace cosmoml::nn;

namespace {
using net = sequential<input<3>, named<"body", sequential<dense<4>, batch_norm<>, relu>>, named<"head", dense<2>>>;
using model_type = model<net, backend::native<float>>;
const std::string golden = std::string(tests::folder) + "/golden/checkpoint_1_0";

train::fit_report make(model_type& m, const std::string& path, int epochs) {
  ndarray<float> x(10, 3), y(10, 2);
  for (index_t i = 0; i < x.size(); ++i) x[i] = float(i % 7) / 4;
  for (index_t i = 0; i < y.size(); ++i) y[i] = float(i % 5) / 2;
  return train::fit(m, train::pair_up(x, y), mean_squared_error{}, optim::adamw{{.learning_rate = 0.01, .amsgrad = true}},
                    {.epochs = epochs, .batch_size = 4, .randomness = key{4}, .average = {.kind = optim::averaging::exponential, .decay = 0.5}},
                    train::checkpoint{.path = path});
}
struct scratch {
  std::string path = "/tmp/cosmoml-versions-" + std::to_string(getpid());
  ~scratch() { std::remove(path.c_str()); }
};
}

TEST_CASE("train/checkpoint_versions: a file of version 1.0 is read, by any backend, and gone on from") {
  if (const char* path = std::getenv("COSMOML_MAKE_CHECKPOINT")) {
    model_type m(key{3});
    make(m, path, 2);
  }
  model<net, backend::reference<float>, mode::inference> reader(key{1});
  train::load_checkpoint(golden, reader);
  model_type fresh(key{3});
  const scratch s;
  make(fresh, s.path, 2);
  model_type again(key{1});
  train::load_checkpoint(s.path, again);
  const auto p = reader.canonical_parameters(), q = again.canonical_parameters();
  // Compilers round otherwise. A bias before batch norm has no gradient but what rounding leaves, and Adam makes whole steps of it whatever its size:
  // a step is at most rate (1 - beta1) / sqrt(1 - beta2) = 3.2 rates, six of them from the same start.
  for (index_t i = 0; i < p.size(); ++i) {
    INFO(i);
    const bool bias = i >= 12 && i < 16;   // body.0.bias follows body.0.weight, 4 x 3
    if (bias) CHECK(std::abs(p[i] - q[i]) < 2 * 6 * 3.2 * 0.01);
    else CHECK(p[i] == doctest::Approx(q[i]).epsilon(1e-4));
  }
  const auto bytes = io::read_file(golden);
  io::write_file(s.path, bytes.data(), bytes.size());
  model_type m(key{1});
  const auto r = make(m, s.path, 3);
  CHECK(r.resumed);
  CHECK(r.steps == 9);
  CHECK(r.history.size() == 3);
}

TEST_CASE("train/checkpoint_versions: files of a newer minor or another major version are refused") {
  const scratch s;
  for (const auto& [number, good] : {std::pair{"1.0", true}, {"1.1", false}, {"2.0", false}, {"0.9", false}}) {
    auto file = io::read_safetensors(golden);
    for (auto& [name, value] : file.metadata)
      if (name == "cosmoml_checkpoint") value = number;
    for (auto& [name, value] : file.metadata)
      if (name == "checksum") value = std::to_string(train::detail::checksum(file));
    io::write_safetensors(s.path, file);
    std::string found = "no error";
    try {
      model_type m(key{1});
      make(m, s.path, 2);
    } catch (const io_error& e) {
      found = e.what();
    }
    INFO(found);
    if (good) CHECK(found == "no error");
    else CHECK(found.find(std::string("version ") + number + " of checkpoint files") != std::string::npos);
  }
}
