// SPDX-License-Identifier: BSL-1.0
#pragma once
#include <cosmoml/config.hpp>

#include <type_traits>
#include <utility>

namespace cosmoml::inline COSMOML_ABI {

// A reference to anything that can be called, for callbacks that cost more than a microsecond. It owns nothing: the callable
// must outlive the call that takes it.
template <class Signature>
class function_ref;
template <class R, class... A>
class function_ref<R(A...)> {
public:
  function_ref() = default;
  template <class F>
    requires(!std::is_same_v<std::remove_cvref_t<F>, function_ref> && std::is_invocable_r_v<R, F&, A...>)
  function_ref(F&& f)
      : object_(const_cast<void*>(static_cast<const void*>(&f))),
        call_([](void* object, A... a) -> R { return (*static_cast<std::remove_reference_t<F>*>(object))(std::forward<A>(a)...); }) {}

  explicit operator bool() const { return call_ != nullptr; }
  R operator()(A... a) const { return call_(object_, std::forward<A>(a)...); }

private:
  void* object_ = nullptr;
  R (*call_)(void*, A...) = nullptr;
};

}
