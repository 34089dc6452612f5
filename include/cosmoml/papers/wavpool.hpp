// SPDX-License-Identifier: BSL-1.0
// WavPool: a wavelet-based network block. McDermott, Voetberg, Nord 2023, arXiv 2306.08734.
#pragma once
#include <cosmoml/nn/batch_norm.hpp>
#include <cosmoml/nn/conv.hpp>
#include <cosmoml/nn/flatten.hpp>
#include <cosmoml/nn/named.hpp>
#include <cosmoml/nn/pool.hpp>
#include <cosmoml/nn/relu.hpp>
#include <cosmoml/wavelet/multi_resolution_perceptron.hpp>

namespace cosmoml::inline COSMOML_ABI::papers::wavpool {

using namespace cosmoml::nn;

// Section 3.3: a dense layer for every wavelet band of every level, their outputs side by side in a (hidden, band, level) box, pooled
// over all three axes, flattened. It takes one image, (h, w) or (1, h, w), and may stand anywhere in a network.
template <int Hidden, int Pool>
using block = sequential<wavelet::multi_resolution_perceptron<Hidden>, max_pool_over<window<Pool, Pool, Pool>>, flatten>;
template <int Hidden, int Pool>
using average_block = sequential<wavelet::multi_resolution_perceptron<Hidden>, average_pool_over<window<Pool, Pool, Pool>>, flatten>;

// region: network
// The whole classifier on square grey images: logits of the classes.
template <int Side, int Hidden, int Pool, int Classes = 10>
using network = sequential<input<Side, Side>, wavelet::multi_resolution_perceptron<Hidden>, max_pool_over<window<Pool, Pool, Pool>>,
                           flatten, dense<Classes>>;
// end region

// The tuned and the naive settings of the authors. MNIST and Fashion-MNIST are 28 pixels wide, CIFAR-10 (grey) 32.
using tuned_28 = network<28, 268, 2>;
using tuned_32 = network<32, 224, 2>;
using naive_28 = network<28, 264, 3>;
using naive_32 = network<32, 264, 3>;
static_assert(tuned_28::parameter_count == 186'722, "cosmoml: WavPool's tuned network for 28 pixels has the paper's parameter count");
static_assert(tuned_32::parameter_count == 201'672, "cosmoml: WavPool's tuned network for 32 pixels has the paper's parameter count");
static_assert(naive_28::parameter_count == 182'192, "cosmoml: WavPool's naive network for 28 pixels has the paper's parameter count");
static_assert(naive_32::parameter_count == 235'964, "cosmoml: WavPool's naive network for 32 pixels has the paper's parameter count");
// What the floor of the pooling drops: every D map, and the finest level where the number of levels is odd.
static_assert(tuned_28::dead_parameter_count == 61'344, "cosmoml: floor pooling by 2 drops the D maps");
static_assert(tuned_32::dead_parameter_count == 181'610, "cosmoml: floor pooling by 2 drops the D maps and an odd finest level");
static_assert(naive_28::dead_parameter_count == 156'024, "cosmoml: floor pooling by 3 drops the fourth level");
static_assert(naive_32::dead_parameter_count == 229'284, "cosmoml: floor pooling by 3 drops the fourth and the fifth level");

// The baseline that the paper calls MLP: two affine maps and nothing between them.
template <int Side, int Hidden, int Classes = 10>
using linear_baseline = sequential<input<Side, Side>, flatten, dense<Hidden>, dense<Classes>>;
using baseline_fashion = linear_baseline<28, 273>;
using baseline_mnist = linear_baseline<28, 272>;
using baseline_cifar = linear_baseline<32, 208>;
static_assert(baseline_fashion::parameter_count == 217'045 && baseline_mnist::parameter_count == 216'250 && baseline_cifar::parameter_count == 215'290,
              "cosmoml: the baselines have the paper's parameter counts");

// The convolutional baseline: twice convolution, norm and ReLU, then one affine map.
template <int Side, int Kernel, int First, int Second, int Classes = 10>
using cnn_baseline = sequential<input<Side, Side>, reshape<1, Side, Side>,
                                named<"conv1", conv<First, Kernel, conv_options{.padding = 1, .bias = false}>>, named<"bn1", batch_norm<>>, relu,
                                named<"conv2", conv<Second, Kernel, conv_options{.padding = 1, .bias = false}>>, named<"bn2", batch_norm<>>, relu,
                                flatten, named<"fc", dense<Classes>>>;
using cnn_fashion = cnn_baseline<28, 2, 15, 17>;
using cnn_mnist = cnn_baseline<28, 3, 19, 12>;
using cnn_cifar = cnn_baseline<32, 3, 19, 12>;
static_assert(cnn_fashion::parameter_count == 154'154 && cnn_mnist::parameter_count == 96'375 && cnn_cifar::parameter_count == 125'175,
              "cosmoml: the convolutional baselines have the paper's parameter counts");

// Section 4. Images in file order, values in [0, 1]: the first 10,000 train, the next 4,000 validate, the next 4,000 test. Plain
// stochastic gradient descent on the cross-entropy; from epoch 5 on a rise of the validation loss over the epoch before counts, and
// the fifth one stops the run.
struct settings {
  double learning_rate;
  int batch_size = 640;
  int epochs = 120;
  int training = 10'000, validation = 4'000, test = 4'000;
  int stop_from_epoch = 5, stop_after_rises = 5;
};
inline constexpr settings tuned_fashion{.learning_rate = 0.3782}, tuned_mnist{.learning_rate = 0.6577}, tuned_cifar{.learning_rate = 0.7296};
inline constexpr settings linear_fashion{.learning_rate = 0.0489}, linear_mnist{.learning_rate = 0.0739}, linear_cifar{.learning_rate = 0.1248};
inline constexpr settings cnn_fashion_settings{.learning_rate = 0.0409}, cnn_mnist_settings{.learning_rate = 0.0488}, cnn_cifar_settings{.learning_rate = 0.0488};
inline constexpr settings naive{.learning_rate = 0.1}, naive_linear{.learning_rate = 0.03};

// What the authors' stored runs reached: the best validation accuracy of an epoch, mean over three runs.
struct published {
  double wavpool, linear, convolutional;
};
inline constexpr published fashion_accuracy{0.8633, 0.843, 0.851}, mnist_accuracy{0.9587, 0.9047, 0.97}, cifar_accuracy{0.387, 0.275, 0.419};

}
