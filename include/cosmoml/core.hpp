// SPDX-License-Identifier: BSL-1.0
// Everything of core/.
#pragma once
#include <cosmoml/core/blocked.hpp>
#include <cosmoml/core/convolution_geometry.hpp>
#include <cosmoml/core/dropping.hpp>
#include <cosmoml/core/error.hpp>
#include <cosmoml/core/extension.hpp>
#include <cosmoml/core/extents.hpp>
#include <cosmoml/core/field.hpp>
#include <cosmoml/core/fixed_string.hpp>
#include <cosmoml/core/function_ref.hpp>
#include <cosmoml/core/interpolation.hpp>
#include <cosmoml/core/key.hpp>
#include <cosmoml/core/layout.hpp>
#include <cosmoml/core/leaves.hpp>
#include <cosmoml/core/matrix.hpp>
#include <cosmoml/core/pooling.hpp>
#include <cosmoml/core/shape.hpp>
#include <cosmoml/core/text.hpp>
#include <cosmoml/core/view.hpp>
#include <cosmoml/core/wavelet_sizes.hpp>
