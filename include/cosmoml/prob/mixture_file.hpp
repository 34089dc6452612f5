// SPDX-License-Identifier: BSL-1.0
#pragma once
#include <cosmoml/io/npz.hpp>
#include <cosmoml/prob/mixture.hpp>

namespace cosmoml::inline COSMOML_ABI::prob {

// A mixture as an npz file of float64 arrays under scikit-learn's names: weights_ (K), means_ (K, d), covariances_ (K, d, d).
inline void save(const std::string& path, const mixture_parameters& p) {
  const index_t k = p.components(), d = p.dimension;
  io::npz z;
  z.add("weights_", ndview<const double>(p.weight.data(), k));
  z.add("means_", ndview<const double>(p.mean.data(), k, d));
  z.add("covariances_", ndview<const double>(p.covariance.data(), k, d, d));
  z.write(path);
}
template <int D>
void save(const std::string& path, const mixture<D>& m) {
  save(path, m.parameters());
}

// Throws io_error, and what mixture's constructor throws.
template <int D = any_dimension>
mixture<D> load_mixture(const std::string& path) {
  const io::npz z(path);
  return mixture<D>(z.get<double>("weights_"), z.get<double>("means_"), z.get<double>("covariances_"), "prob::load_mixture");
}

}
