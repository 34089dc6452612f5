// SPDX-License-Identifier: BSL-1.0
#include "baselines.hpp"

#include <cosmoml/nn/model.hpp>

namespace examples {

template <class Net>
run train_baseline(const std::string& name, const labelled& data, const cosmoml::papers::wavpool::settings& s, int epochs, cosmoml::key k,
                   cosmoml::train::progress_bar::observer& progress) {
  return train_once<Net>(name, data, s, epochs, k, progress);
}

using cosmoml::key;
using cosmoml::papers::wavpool::settings;
using bar = cosmoml::train::progress_bar::observer;
namespace wp = cosmoml::papers::wavpool;
template run train_baseline<wp::baseline_fashion>(const std::string&, const labelled&, const settings&, int, key, bar&);
template run train_baseline<wp::baseline_mnist>(const std::string&, const labelled&, const settings&, int, key, bar&);
template run train_baseline<wp::baseline_cifar>(const std::string&, const labelled&, const settings&, int, key, bar&);
template run train_baseline<wp::cnn_fashion>(const std::string&, const labelled&, const settings&, int, key, bar&);
template run train_baseline<wp::cnn_mnist>(const std::string&, const labelled&, const settings&, int, key, bar&);
template run train_baseline<wp::cnn_cifar>(const std::string&, const labelled&, const settings&, int, key, bar&);

}
