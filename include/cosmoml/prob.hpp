// SPDX-License-Identifier: BSL-1.0
// Gaussian mixtures, and mutual information from them.
#pragma once
#include <cosmoml/prob/categorical.hpp>
#include <cosmoml/prob/deconvolution.hpp>
#include <cosmoml/prob/density.hpp>
#include <cosmoml/prob/em.hpp>
#include <cosmoml/prob/gaussian.hpp>
#include <cosmoml/prob/gmm_mi.hpp>
#include <cosmoml/prob/information_gradient.hpp>
#include <cosmoml/prob/k_means.hpp>
#include <cosmoml/prob/mi_matrix.hpp>
#include <cosmoml/prob/mixture.hpp>
#include <cosmoml/prob/moments.hpp>
#include <cosmoml/prob/normal_scores.hpp>
#include <cosmoml/prob/peers.hpp>
#include <cosmoml/prob/portable_em.hpp>
#include <cosmoml/prob/quadrature.hpp>
#include <cosmoml/prob/selection.hpp>
