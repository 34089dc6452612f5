// Narrow versions of the papers' networks through a training pass from PyTorch's weights: outputs, gradients of every parameter and of the
// input and the statistics behind it equal PyTorch's, which were computed in double. Made by golden/make_networks.py.
#include "support/folder.hpp"
#include "support/golden.hpp"
#include "support/worse.hpp"

#include <cosmoml/backend/native.hpp>
#include <cosmoml/backend/reference.hpp>

#include <cosmoml/io/state_dict.hpp>
#include <cosmoml/nn/model.hpp>
#include <cosmoml/papers/deepadversaries.hpp>
#include <cosmoml/papers/deepastrouda.hpp>
#include <cosmoml/papers/deepsz.hpp>
#include <cosmoml/papers/halo_formation.hpp>
#include <cosmoml/papers/wavpool.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <span>

using namespace cosmoml;
using namespace cosmoml::nn;

namespace {
const std::string folder = std::string(tests::folder) + "/golden/networks/";

// What the file has of one network's pass, read from its front.
class golden_part {
public:
  explicit golden_part(const std::string& name) : name_(name) {
    static const io::safetensors file = io::read_safetensors(folder + "passes.safetensors");
    const io::safetensor* t = file.find(name);
    REQUIRE_MESSAGE(t != nullptr, name);
    for (index_t i = 0; i < t->size(); ++i) values_.push_back(file.element(*t, i));
  }
  ~golden_part() { CHECK_MESSAGE(at_ == values_.size(), name_); }
  double next() {
    REQUIRE_MESSAGE(at_ < values_.size(), name_);
    return values_[at_++];
  }
  // Elements of `got` at even distances, at most so many, and its norm if the file has it: errors beside the largest of the part, or `least`.
  template <class S>
  void holds(const std::string& part, std::span<const S> got, std::size_t most, bool norm, double tolerance, double least = 0) {
    const double length = norm ? next() : 0;
    const std::size_t first = at_, step = (got.size() + most - 1) / most;
    double scale = least, worst = 0, squares = 0;
    for (std::size_t i = 0; i < got.size(); i += step) scale = std::max(scale, std::abs(next()));
    for (std::size_t i = 0; i < got.size(); i += step) {
      const double off = std::abs(double(got[i]) - values_[first + i / step]);
      worst = tests::worse(worst, off);
    }
    for (S v : got) squares += double(v) * double(v);
    INFO(name_, ": ", part, ", ", worst, " of ", scale);
    CHECK(worst <= tolerance * scale);
    if (norm) CHECK(std::abs(std::sqrt(squares) - length) <= tolerance * std::max(length, least));
  }

private:
  std::string name_;
  std::vector<double> values_;
  std::size_t at_ = 0;
};

// Where each field lies in canonical order, by name.
using places = std::map<std::string, std::pair<index_t, index_t>>;
auto placing(places& to) {
  return [&to, at = index_t(0)](const std::string& path, const field& f, auto) mutable {
    to[path] = {at, f.shape.size()};
    at += f.shape.size();
  };
}

template <class Net, class B>
void check_on(const std::string& name, index_t batch, double tolerance) {
  using S = typename B::scalar;
  using M = model<Net, B>;
  INFO(std::string(B::name));
  M m(key{1});
  io::load_weights(folder + name + ".safetensors", m);
  m.load(tests::golden_numbers(1, {batch, m.input_size}));
  m.forward();
  ndarray<S> y(batch, m.output_size);
  m.copy_output(y.data());
  golden_part(name + ".y").holds("output", std::span<const S>(y.data(), std::size_t(y.size())), std::size_t(y.size()), false, tolerance);
  tensor<B, typename Net::output, typename M::output_layout> r(m.context(), tests::golden_numbers(2, {batch, m.output_size}));
  B::copy(m.context(), static_cast<const S*>(r.view().data), m.output_gradient().data, r.view().storage());
  m.zero_gradients();
  const auto dx = m.backward_to_input();
  using layout = typename M::input_layout;
  ndarray<S> stored(layout::size(batch)), plain(batch, m.input_size);
  B::to_host(m.context(), static_cast<const S*>(dx.data), stored.data(), layout::size(batch));
  for (index_t n = 0; n < batch; ++n)
    for (index_t e = 0; e < m.input_size; ++e) plain[n * m.input_size + e] = stored[layout::offset(n, e)];
  golden_part(name + ".dx").holds("input", std::span<const S>(plain.data(), std::size_t(plain.size())), 200, true, tolerance);

  const auto g = m.canonical_gradients();
  double squares = 0;
  for (S v : g) squares += double(v) * double(v);
  places fields, kept;
  m.fields(placing(fields));
  golden_part gradients(name + ".gradients");
  // biases in front of a norm have none but rounding's
  for (const auto& [path, place] : fields)
    gradients.holds(path, std::span<const S>(g.data() + place.first, std::size_t(place.second)), 24, true, tolerance, 0.1 * std::sqrt(squares / double(g.size())));
  m.statistics_fields(placing(kept));
  if (kept.empty()) return;
  const auto statistics = m.canonical_statistics();
  golden_part remembered(name + ".statistics");
  for (const auto& [path, place] : kept) remembered.holds(path, std::span<const S>(statistics.data() + place.first, std::size_t(place.second)), 24, false, tolerance);
}
template <class Net>
void check(const std::string& name, index_t batch, double tolerance_of_float) {
  check_on<Net, backend::reference<double>>(name, batch, 1e-6);
  check_on<Net, backend::native<float>>(name, batch, tolerance_of_float);
}
}

TEST_CASE("papers/passes: DeepAdversaries' ConvNet") { check<papers::deepadversaries::convnet<16, 2, 5>>("convnet", 3, 1e-4); }
TEST_CASE("papers/passes: DeepAstroUDA's ResNet50") { check<papers::deepastrouda::resnet50<33, 2>>("resnet50", 4, 1e-3); }
TEST_CASE("papers/passes: DeepSZ") { check<papers::deepsz::network<32, 2, 8>>("deepsz", 6, 1e-3); }
TEST_CASE("papers/passes: halo formation") { check<papers::halo_formation::network<6, 2, 2, 3>>("halo", 3, 2e-5); }
TEST_CASE("papers/passes: WavPool's convolutional baseline") { check<papers::wavpool::cnn_baseline<9, 2, 3, 4, 5>>("wavpool_cnn", 4, 2e-5); }
