// SPDX-License-Identifier: BSL-1.0
#pragma once
#include <cosmoml/nn/dense.hpp>
#include <cosmoml/nn/expands.hpp>
#include <cosmoml/nn/parallel.hpp>
#include <cosmoml/nn/relu.hpp>
#include <cosmoml/wavelet/transform.hpp>

namespace cosmoml::inline COSMOML_ABI::wavelet {

// Options of the multi-resolution perceptron.
struct perceptron_options {
  bool scaled = true;            // hidden units of the level i steps coarser than the finest: floor(Hidden / (i + 1)); else Hidden
  bool approximation = false;    // a further, coarsest level: three maps of A_L
  int axes = 2, levels = 0;      // as transform_options
  extension mode = extension::symmetric;
};

template <class At, class After, class Given>
struct multi_resolution_perceptron_needs_one_image {
  static_assert(nn::never<At>, "cosmoml: the multi-resolution perceptron takes one image, (h, w) or (1, h, w), with sides of 2 or more; put reshape before it");
};

// The multi-resolution perceptron (McDermott, Voetberg, Nord 2023, arXiv 2306.08734): a full multilevel wavelet transform, and for each
// detail band of each level a dense layer of its own. (h, w) or (1, h, w) -> (Hidden, bands, levels): band H, V, D and level coarse to
// fine; levels with fewer hidden units have zeros in front. Activation is a layer (nn::relu) or void, as published.
// Parameters: level.band.weight, level.band.bias, level 0 the coarsest.
template <int Hidden, Wavelet W = haar, perceptron_options Options = perceptron_options{}, class Activation = void>
struct multi_resolution_perceptron : nn::expands<multi_resolution_perceptron<Hidden, W, Options, Activation>> {
  using analysis = transform<W, transform_options{.axes = Options.axes, .levels = Options.levels, .mode = Options.mode}>;

  static constexpr wavelet_sizes coefficients(extents in) { return analysis::coefficients(in); }
  static constexpr int level_count(extents in) { return coefficients(in).levels + int(Options.approximation); }
  static constexpr int bands(extents in) { return coefficients(in).bands(); }
  // Of row `level` of the output, 0 the coarsest.
  static constexpr int hidden(extents in, int level) {
    const int coarser = level_count(in) - 1 - level;
    return Options.scaled ? Hidden / (coarser + 1) : Hidden;
  }
  static constexpr index_t inputs(extents in, int level) {
    const wavelet_sizes z = coefficients(in);
    const int detail = level - int(Options.approximation);
    return z.band_size(detail < 0 ? z.levels : z.levels - detail);
  }
  static constexpr index_t begin(extents in, int level, int band) {
    const wavelet_sizes z = coefficients(in);
    const int detail = level - int(Options.approximation);
    return detail < 0 ? 0 : z.offset(z.levels - detail, band + 1);
  }

  static constexpr extents output(extents in) {
    if (analysis::output(in).is_broken() || analysis::planes(in) != 1 || hidden(in, 0) < 1) return extents::broken();
    return {Hidden, bands(in), level_count(in)};
  }
  template <int Index, class Before, class In>
  using mistake = multi_resolution_perceptron_needs_one_image<nn::at<Index, multi_resolution_perceptron>, Before, In>;
  static constexpr nn::edge_wishes wishes(extents) { return {.in = {}, .out = {.first_axis_inner = true}}; }
  static constexpr index_t parameter_count(extents in) { return dead_parameters(in, {0, 0, 0}); }
  static constexpr index_t dead_parameters(extents in, extents live_out) {
    index_t dead = 0;
    for (int l = 0; l < level_count(in); ++l)
      for (int b = 0; b < bands(in); ++b) {
        const int units = hidden(in, l), reached = live_out[0] - (Hidden - units);
        const int alive = l < live_out[2] && b < live_out[1] && reached > 0 ? reached : 0;
        dead += (units - alive) * (inputs(in, l) + 1);
      }
    return dead;
  }
  static std::string label() { return text("multi-resolution perceptron<", Hidden, ", ", W::name, ">"); }

  // ---- what it is short for
  template <class In, int Level, int Band>
  using slice_of = nn::slice<int(begin(In::value, Level, Band)), int(inputs(In::value, Level))>;
  template <class In, int Level, int Band, class A>
  struct map_of {
    using type = nn::on<slice_of<In, Level, Band>, nn::sequential<nn::dense<hidden(In::value, Level)>, A>>;
  };
  template <class In, int Level, int Band>
  struct map_of<In, Level, Band, void> {
    using type = nn::on<slice_of<In, Level, Band>, nn::dense<hidden(In::value, Level)>>;
  };
  template <class In, int Level, class Bands>
  struct level_of;
  template <class In, int Level, int... Band>
  struct level_of<In, Level, std::integer_sequence<int, Band...>> {
    using type = nn::parallel<nn::join::stack, typename map_of<In, Level, Band, Activation>::type...>;
  };
  template <class In, class Levels>
  struct levels_of;
  template <class In, int... Level>
  struct levels_of<In, std::integer_sequence<int, Level...>> {
    using type = nn::parallel<nn::join::stack_padded, typename level_of<In, Level, std::make_integer_sequence<int, bands(In::value)>>::type...>;
  };
  template <class In>
  using perceptrons = typename levels_of<In, std::make_integer_sequence<int, level_count(In::value)>>::type;
  template <class In>
  using body = nn::sequential<analysis, perceptrons<In>>;

  template <class B, class In, bool Trained>
  static void visit(const std::string& path, index_t base, nn::field_visitor visitor) {   // the transform has no parameters, so no number in paths
    perceptrons<In>::template visit<B, output_shape<analysis, In>, Trained>(path, base, visitor);
  }
  template <class In, class G>
  static typename G::value onnx(G& g, const typename G::value& x) {
    return perceptrons<In>::template onnx<output_shape<analysis, In>>(g, g.template layer<analysis, In>("", x));
  }
};

}
