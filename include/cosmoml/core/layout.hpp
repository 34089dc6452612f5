// SPDX-License-Identifier: BSL-1.0
#pragma once
#include <cosmoml/core/shape.hpp>

#include <concepts>

namespace cosmoml::inline COSMOML_ABI {

// Where the elements of a batch lie. A layout is an injection: offset(sample, element) of the canonical element number
// (channel, row, column) into storage, and size(batch). It serves activations and parameters alike, so files, fields() and
// copies between backends are one generic loop. Elements of storage that no (sample, element) reaches are padding: always zero.
//
//   begin(n)                     where the storage of sample n begins; offset(n, e) = begin(n) + offset(0, e)
//   together                     how many samples share a piece of storage (those of one vector): size(n) = begin(n) for its multiples,
//                                and a view may begin only at one of them
//   line(begin, step, count)     distance in storage between the elements begin, begin + step, ..., or 0 if it is not constant
//   slack(begin, step, count)    how many elements of padding directly follow the last of them
//   whole                        storage holds nothing but these elements and their padding: it may be swept
template <class L>
concept Layout = requires(index_t n, index_t e) {
  typename L::shape_type;
  { L::shape } -> std::convertible_to<extents>;
  { L::offset(n, e) } -> std::same_as<index_t>;
  { L::begin(n) } -> std::same_as<index_t>;
  { L::together } -> std::convertible_to<index_t>;
  { L::size(n) } -> std::same_as<index_t>;
  { L::line(e, e, e) } -> std::same_as<index_t>;
  { L::slack(e, e, e) } -> std::same_as<index_t>;
  { L::whole } -> std::convertible_to<bool>;
};

// A row of `count` elements with its padding: whole vectors of Lanes, and, where that is little beside the row, an even number of them.
// Rows of vectors of half a cache line then begin with a line, or every other vector would lie across two: 4 % of a product.
constexpr index_t padded_row(index_t count, int lanes) {
  return lanes > 1 && count > 16 * lanes ? round_up(count, 2 * lanes) : round_up(count, lanes);
}

// Samples one after the other in canonical order, each row of elements padded for vectors of Lanes.
template <class Shape, int Lanes>
struct padded {
  using shape_type = Shape;
  static constexpr extents shape = Shape::value;
  static constexpr index_t count = shape.size(), row = padded_row(count, Lanes);
  static constexpr index_t together = 1;
  static constexpr bool whole = true;
  static constexpr const char* name = Lanes == 1 ? "rows" : "padded rows";

  COSMOML_HD static constexpr index_t begin(index_t n) {
    constexpr index_t stride = row;   // device code may use the value of a static member, not the member
    return n * stride;
  }
  COSMOML_HD static constexpr index_t offset(index_t n, index_t e) { return begin(n) + e; }
  COSMOML_HD static constexpr index_t size(index_t batch) { return begin(batch); }
  static constexpr index_t line(index_t, index_t step, index_t) { return step; }
  static constexpr index_t slack(index_t b, index_t step, index_t n) { return step == 1 && b + n == count ? row - count : 0; }
};

// The order that users, files and fields() see.
template <class Shape>
using canonical = padded<Shape, 1>;

// May a batch in one layout be read as a batch in the other, element for element in canonical order?
template <class A, class B>
inline constexpr bool same_storage = std::same_as<A, B>;
template <class A, int L, class B, int M>
inline constexpr bool same_storage<padded<A, L>, padded<B, M>> = padded<A, L>::count == padded<B, M>::count && padded<A, L>::row == padded<B, M>::row;

// The first axis runs fastest, padded to a multiple of Lanes; all other axes keep their order around it.
template <class Shape, int Lanes>
struct first_axis_inner {
  using shape_type = Shape;
  static constexpr extents shape = Shape::value;
  static constexpr index_t first = shape.dim[0], inner = shape.stride(0), row = round_up(first, Lanes), sample = inner * row;
  static constexpr index_t together = 1;
  static constexpr bool whole = true;
  static constexpr const char* name = "first axis inner";

  COSMOML_HD static constexpr index_t begin(index_t n) {
    constexpr index_t stride = sample;
    return n * stride;
  }
  COSMOML_HD static constexpr index_t offset(index_t n, index_t e) {
    constexpr index_t i = inner, r = row;
    return begin(n) + e % i * r + e / i;
  }
  COSMOML_HD static constexpr index_t size(index_t batch) { return begin(batch); }
  static constexpr index_t line(index_t b, index_t step, index_t n) {
    if (step % inner == 0) return step / inner;
    return b % inner + step * (n - 1) < inner ? step * row : 0;
  }
  static constexpr index_t slack(index_t b, index_t step, index_t n) {
    return step == inner && b / inner + n == first ? row - first : 0;
  }
};

// Elements Begin, Begin + Step, ... of a parent's samples, as samples of their own: what a branch of a composite reads or writes
// in place. `From` is the first sample's worth of canonical elements of the parent that it may touch.
template <class Parent, class Shape, index_t Begin, index_t Step>
struct part {
  using shape_type = Shape;
  using parent = Parent;
  static constexpr extents shape = Shape::value;
  static constexpr index_t together = Parent::together;
  static constexpr bool whole = false;
  static constexpr const char* name = "part of another edge";

  COSMOML_HD static constexpr index_t begin(index_t n) { return Parent::begin(n); }
  COSMOML_HD static constexpr index_t offset(index_t n, index_t e) { return Parent::offset(n, Begin + Step * e); }
  COSMOML_HD static constexpr index_t size(index_t batch) { return Parent::size(batch); }
  static constexpr index_t line(index_t b, index_t step, index_t n) { return Parent::line(Begin + Step * b, Step * step, n); }
  static constexpr index_t slack(index_t b, index_t step, index_t n) { return Parent::slack(Begin + Step * b, Step * step, n); }
};

// A matrix parameter (outputs, inputs) stored input-major with padded rows: W[input][output], vectors run over the outputs.
template <class Shape, int Lanes>
struct input_major {
  using shape_type = Shape;
  static constexpr extents shape = Shape::value;
  static constexpr index_t outputs = shape.dim[0], inputs = shape.dim[1], first = outputs, row = padded_row(outputs, Lanes);
  static constexpr index_t together = 1;
  static constexpr bool whole = true;
  static constexpr const char* name = "input-major";

  COSMOML_HD static constexpr index_t begin(index_t) { return 0; }
  COSMOML_HD static constexpr index_t offset(index_t, index_t e) {
    constexpr index_t i = inputs, r = row;
    return e % i * r + e / i;
  }
  COSMOML_HD static constexpr index_t size(index_t) {
    constexpr index_t i = inputs, r = row;
    return i * r;
  }
  static constexpr index_t line(index_t b, index_t step, index_t n) {
    if (step % inputs == 0) return step / inputs;
    return b % inputs + step * (n - 1) < inputs ? step * row : 0;
  }
  static constexpr index_t slack(index_t b, index_t step, index_t n) {
    return step == inputs && b / inputs + n == outputs ? row - outputs : 0;
  }
};

}
