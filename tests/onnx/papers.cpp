#include "exported.hpp"

#include <cosmoml/backend/native.hpp>
#include <cosmoml/papers/deepadversaries.hpp>
#include <cosmoml/papers/deepcmb.hpp>
#include <cosmoml/papers/deepsz.hpp>
#include <cosmoml/papers/wavpool.hpp>

int main(int argc, char** argv) {
  using namespace cosmoml;
  using tests::exported;
  const key seed = tests::seed_of(argc, argv);
  using R = backend::reference<float>;
  using N = backend::native<float>;
  exported<papers::wavpool::network<14, 24, 2>, N>(seed, "wavpool");
  exported<papers::wavpool::cnn_baseline<14, 3, 5, 4>, R>(seed, "wavpool_cnn");
  exported<papers::deepadversaries::convnet<24, 4, 32>, N>(seed, "convnet");
  exported<papers::deepadversaries::resnet18<40, 4, 16>, R>(seed, "resnet18", {}, 2);
  exported<papers::deepsz::network<16, 4, 16>, R>(seed, "deepsz_narrow", {}, 6);
  exported<papers::deepcmb::resunet<16, 4>, R>(seed, "resunet", {}, 1);
}
