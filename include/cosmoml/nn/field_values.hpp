// SPDX-License-Identifier: BSL-1.0
// A flat buffer of parameters or statistics seen from the host. visit(visitor) calls visitor for each field in it.
#pragma once
#include <cosmoml/backend/concept.hpp>
#include <cosmoml/core/error.hpp>
#include <cosmoml/core/field.hpp>
#include <cosmoml/core/key.hpp>
#include <cosmoml/nn/field_visitor.hpp>
#include <cosmoml/tensor/ndarray.hpp>

#include <cmath>

namespace cosmoml::inline COSMOML_ABI::nn::detail {

// As fields start: uniform in +-1/sqrt(fan in) from the key, a stream a field, or constant.
template <class B, class Buffer>
void start_fields(typename B::context& c, Buffer& to, key k, void (*visit)(field_visitor)) {
  using S = typename B::scalar;
  ndarray<S> stored(to.size());
  std::uint64_t number = 0;
  visit([&](const std::string&, const field& f, field_place at) {
    const key own = k.fold(number++);
    const double bound = f.fan_in ? 1 / std::sqrt(double(f.fan_in)) : 0;
    for (index_t e = 0; e < f.shape.size(); ++e) stored[at(e)] = S(f.fan_in ? bound * (2 * own.uniform(std::uint64_t(e)) - 1) : f.constant);
  });
  B::from_host(c, static_cast<const S*>(stored.data()), to.data(), to.size());
}
// In canonical order, one field after the other.
template <class B, class Buffer>
auto read_fields(typename B::context& c, const Buffer& from, void (*visit)(field_visitor)) {
  using S = typename B::scalar;
  ndarray<S> stored(from.size());
  B::to_host(c, from.data(), stored.data(), from.size());
  std::vector<S> out;
  visit([&](const std::string&, const field& f, field_place at) {
    for (index_t e = 0; e < f.shape.size(); ++e) out.push_back(stored[at(e)]);
  });
  const index_t n = index_t(out.size());
  return ndarray<S>({n}, std::move(out));
}
template <class B, class Buffer, HostArray X>
void write_fields(typename B::context& c, Buffer& to, const X& values, const char* asked, const char* what, void (*visit)(field_visitor)) {
  using S = typename B::scalar;
  const auto from = as_ndview(values);
  index_t n = 0;
  visit([&](const std::string&, const field& f, field_place) { n += f.shape.size(); });
  expect<shape_mismatch>(from.rank == 1 && from.dim[0] == n, asked, "give one number for each of the network", from.size(), " numbers for ", n, " ", what);
  ndarray<S> stored(to.size());
  index_t i = 0;
  visit([&](const std::string&, const field& f, field_place at) {
    for (index_t e = 0; e < f.shape.size(); ++e) stored[at(e)] = S(from.data[i++ * from.stride[0]]);
  });
  B::from_host(c, static_cast<const S*>(stored.data()), to.data(), to.size());
}
// The path of the first field with a number that is not finite; empty if there is none.
template <class B, class Buffer>
std::string not_finite_field(typename B::context& c, const Buffer& from, void (*visit)(field_visitor)) {
  using S = typename B::scalar;
  ndarray<S> stored(from.size());
  B::to_host(c, from.data(), stored.data(), from.size());
  std::string found;
  visit([&](const std::string& path, const field& f, field_place at) {
    for (index_t e = 0; found.empty() && e < f.shape.size(); ++e)
      if (!std::isfinite(stored[at(e)])) found = path;
  });
  return found;
}

}
