// SPDX-License-Identifier: BSL-1.0
#pragma once
#include <cosmoml/core/field.hpp>

#include <concepts>
#include <string>
#include <type_traits>

namespace cosmoml::inline COSMOML_ABI::nn {

// Where the canonical elements of one field lie in the flat buffer: at(e) is the place of element e.
struct field_place {
  index_t first;
  index_t (*inside)(index_t element);
  index_t operator()(index_t element) const { return first + inside(element); }
};

// Whoever wants to be called as visitor(path, field, place) for each field, whatever its type: so walking a network is compiled once and
// not once a caller. It holds a reference.
class field_visitor {
public:
  template <class F>
    requires(!std::same_as<std::remove_cvref_t<F>, field_visitor>)
  field_visitor(F&& who)
      : who_(const_cast<void*>(static_cast<const void*>(&who))),
        call_([](void* w, const std::string& path, const field& f, field_place at) { (*static_cast<std::remove_reference_t<F>*>(w))(path, f, at); }) {}
  void operator()(const std::string& path, const field& f, field_place at) const { call_(who_, path, f, at); }

private:
  void* who_;
  void (*call_)(void*, const std::string&, const field&, field_place);
};

}
