// SPDX-License-Identifier: BSL-1.0
#pragma once
#include <cosmoml/core/extents.hpp>

namespace cosmoml::inline COSMOML_ABI {

// The shape of one sample as a type, in canonical order: shape<channels, height, width>.
template <int... D>
struct shape {
  static constexpr extents value{D...};
};
template <>
struct shape<> {
  static constexpr extents value{};
};

// What a broken walk ends in; see extents::broken.
struct broken_shape {
  static constexpr extents value = extents::broken();
};

// Shapes are computed as values and become types here, once. Only types and plain integers are template
// arguments: g++ 12 crashes on aliases with dependent class-type arguments, nvcc garbles reference arguments.
template <int Rank, int A, int B, int C, int D, int E>
struct to_shape {
  using type = broken_shape;
};
template <int A, int B, int C, int D, int E>
struct to_shape<0, A, B, C, D, E> {
  using type = shape<>;
};
template <int A, int B, int C, int D, int E>
struct to_shape<1, A, B, C, D, E> {
  using type = shape<A>;
};
template <int A, int B, int C, int D, int E>
struct to_shape<2, A, B, C, D, E> {
  using type = shape<A, B>;
};
template <int A, int B, int C, int D, int E>
struct to_shape<3, A, B, C, D, E> {
  using type = shape<A, B, C>;
};
template <int A, int B, int C, int D, int E>
struct to_shape<4, A, B, C, D, E> {
  using type = shape<A, B, C, D>;
};
template <int A, int B, int C, int D, int E>
struct to_shape<5, A, B, C, D, E> {
  using type = shape<A, B, C, D, E>;
};

// Holder::shapes[I] as a type.
template <class Holder, int I>
using shape_at = typename to_shape<Holder::shapes[I].rank, Holder::shapes[I].dim[0], Holder::shapes[I].dim[1],
                                   Holder::shapes[I].dim[2], Holder::shapes[I].dim[3], Holder::shapes[I].dim[4]>::type;

// What layer L makes of a sample of shape In, as a type.
template <class L, class In>
struct output_shape_holder {
  static constexpr extents shapes[1] = {L::output(In::value)};
};
template <class L, class In>
using output_shape = shape_at<output_shape_holder<L, In>, 0>;

}
