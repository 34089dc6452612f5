// Gradients of every layer through the public checker: odd sizes, alone and inside composites, batches of one and of several.
#include "support/layers.hpp"

using namespace cosmoml::nn;
using tests::check_gradients;

TEST_CASE("laws/layers: dense") {
  check_gradients<sequential<input<7>, dense<5>>>();
  check_gradients<sequential<input<1>, dense<1>>>({.batch = 1});
  check_gradients<sequential<input<40>, dense<33>>>({.batch = 9});
}
TEST_CASE("laws/layers: relu, flatten, reshape") {
  check_gradients<sequential<input<3, 5>, flatten, dense<14>, relu, reshape<7, 2>, relu, flatten, dense<3>>>();
}
TEST_CASE("laws/layers: slice, and a layer on a slice") {
  check_gradients<sequential<input<11>, slice<3, 5>>>();
  check_gradients<sequential<input<11>, dense<19>, on<slice<4, 13>, dense<6>>, relu>>();
}
TEST_CASE("laws/layers: parallel, concatenated, with branches that share their input") {
  check_gradients<sequential<input<6>, dense<9>, parallel<join::concatenate, dense<5>, sequential<dense<7>, relu, dense<3>>, relu>, dense<2>>>();
}
TEST_CASE("laws/layers: parallel, stacked, equal and padded, on slices that do and do not overlap") {
  check_gradients<sequential<input<9>, parallel<join::stack, dense<5>, dense<5>, sequential<dense<5>, relu>>, flatten, dense<3>>>();
  check_gradients<sequential<input<9>, dense<12>, parallel<join::stack_padded, on<slice<0, 5>, dense<4>>, on<slice<7, 4>, dense<11>>>, flatten, dense<3>>>();
  check_gradients<sequential<input<9>, dense<12>, parallel<join::stack_padded, on<slice<0, 8>, dense<4>>, on<slice<7, 4>, dense<11>>>, flatten, dense<3>>>();
}
TEST_CASE("laws/layers: composites inside composites") {
  check_gradients<sequential<
      input<10>, parallel<join::concatenate, sequential<dense<6>, parallel<join::concatenate, relu, dense<3>>>, named<"side", dense<4>>>, sequential<relu, dense<5>>, dense<2>>>();
}

namespace {
struct doubled : relu {   // a layer whose backward lies
  static constexpr kind rewritable_as = kind::other;
  template <class Pass, class P, class X, class Y, class DY, class DX, class G, class T>
  void backward(Pass& pass, P, X, Y y, DY dy, DX dx, G, T*) const {
    if constexpr (cosmoml::Wanted<DX>) {
      Pass::backend::map_adjoint(pass.context, rectify{}, y, dy, dx);
      Pass::backend::add(pass.context, dx, dx);
    }
  }
};
struct forgetful : relu {   // one that leaves its input gradient as it was
  static constexpr kind rewritable_as = kind::other;
  template <class Pass, class P, class X, class Y, class DY, class DX, class G, class T>
  void backward(Pass&, P, X, Y, DY, DX, G, T*) const {}
};
struct shifted : relu {   // one whose outputs on the tested backend are others
  static constexpr kind rewritable_as = kind::other;
  template <class Pass, class P, class X, class Y, class T>
  void forward(Pass& pass, P p, X x, Y y, T* state) const {
    relu::forward(pass, p, x, y, state);
    if constexpr (!std::same_as<typename Pass::backend, cosmoml::backend::reference<double>>) Pass::backend::add(pass.context, x, y);
  }
};
}

TEST_CASE("laws/layers: another output is found") {
  const auto report = check_layer<sequential<input<7>, shifted>, tests::tested>(cosmoml::key{17});
  CHECK((report.output > 0.1) == !std::same_as<tests::tested, cosmoml::backend::reference<double>>);
}
TEST_CASE("laws/layers: a wrong gradient and an unassigned one are found") {
  CHECK(!check_layer<sequential<input<7>, dense<5>, doubled>, tests::tested>(cosmoml::key{17}).within(1e-2));
  const auto report = check_layer<sequential<input<7>, forgetful>, tests::tested>(cosmoml::key{17});
  CHECK(!report.assigns);
  CHECK(!report.within(1e9));
}
TEST_CASE("laws/layers: dense behind thousands of inputs, as flattened maps have them") { check_gradients<sequential<input<9001>, dense<3>>>({.batch = 2, .entries = 40}); }
