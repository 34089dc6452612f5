// SPDX-License-Identifier: BSL-1.0
// Multilevel transforms of an array in memory; the other side is python/wavelets.py.
#include "network.hpp"

#include <cosmoml/wavelet.hpp>

using namespace cosmoml;

namespace {
template <class S, class W, wavelet::transform_options Options, int... Extents>
class analysis : public peers::workload {
  using net = nn::sequential<nn::input<Extents...>, wavelet::transform<W, Options>>;
  using model = nn::model<net, backend::native<S>, mode::inference>;

public:
  static void add(const char* name, index_t samples) {
    const std::string data = name;
    peers::add(name, [=](const peers::store& s) { return std::make_unique<analysis>(s.read<S>(data + "-x"), samples); },
               [=](const peers::store& s) {
                 std::vector<S> x(std::size_t(samples * model::input_size));
                 for (std::size_t i = 0; i < x.size(); ++i) x[i] = key{5}.normal<S>(i);
                 s.write(data + "-x", x);
               });
  }
  // The batch is read where it is: these samples have no padding.
  analysis(std::vector<S> x, index_t samples) : net_(key{1}, {.max_batch = samples}), x_(std::move(x)) {
    static_assert(model::input_layout::size(3) == 3 * model::input_size, "cosmoml: samples of whole vectors are stored as the caller stores them");
    net_.use_input({x_.data(), samples});
  }
  void call() override { net_.infer(); }
  std::vector<double> check() override {
    call();
    std::vector<S> y(std::size_t(net_.batch() * model::output_size));
    net_.copy_output(y.data());
    return {y.begin(), y.end()};
  }

private:
  model net_;
  std::vector<S> x_;
};

const bool added = [] {
  using namespace wavelet;
  analysis<float, haar, {.axes = 2, .levels = 4}, 28, 28>::add("dwt_db1_640x28x28", 640);
  analysis<float, daubechies<4>, {.axes = 2, .levels = 4}, 256, 256>::add("dwt_db4_64x256x256", 64);
  analysis<double, daubechies<4>, {.axes = 1, .levels = 8}, 1048576>::add("dwt_db4_1048576", 1);
  analysis<float, daubechies<2>, {.axes = 3, .levels = 3}, 64, 64, 64>::add("dwt_db2_64x64x64", 1);
  return true;
}();
}
