// SPDX-License-Identifier: BSL-1.0
#pragma once
#include <cosmoml/nn/sequential.hpp>
#include <cosmoml/nn/training_memory.hpp>
#include <cosmoml/tensor/ndarray.hpp>

#include <span>

namespace cosmoml::inline COSMOML_ABI::nn {

namespace detail {
// Of what may not be a backend at all.
struct unknown {};
template <class B>
struct parts_of {
  using scalar = float;
  using context = unknown;
};
template <class B>
  requires requires { typename B::scalar; typename B::context; }
struct parts_of<B> {
  using scalar = typename B::scalar;
  using context = typename B::context;
};
}

template <class Net, class B, mode M = mode::training, rewrites R = rewrites{}>
class model;
// A model of a broken network: the network's witness says what is wrong, and this takes whatever a program does with a model and says
// nothing, so that the one error stays one. None of it ever runs.
template <class Net, class B, mode M, rewrites R>
  requires(!(Backend<B> && SoundNetwork<Net>))
class model<Net, B, M, R> : judged<Net>::type {
  struct unread_options {
    index_t max_batch = 1;
  };

public:
  using network = Net;
  using backend = B;
  using scalar = typename detail::parts_of<B>::scalar;
  static constexpr index_t parameter_count = 0, stored_count = 0, stored_statistics = 0, input_size = 1, output_size = 1;
  struct anything {
    template <class T>
    operator T() const;
    template <class I>
    anything operator[](I) const;
    template <class... I>
    anything operator()(I...) const;
    scalar* data = nullptr;
    index_t batch = 0;
  };
  struct workspace {
    template <class... A>
    explicit workspace(A&&...) {}
    index_t batch() const { return 0; }
  };

  template <class... A>
  explicit model(A&&...) {}
  template <class A>
  model(A&&, unread_options) {}
  template <class A>
  void resize(A&&) {}
  template <class A>
  void load(A&&) {}
  template <class A>
  void use_input(A&&) {}
  template <class A>
  ndarray<scalar> predict(A&&) {
    return {};
  }
  template <class W, class A, class O>
  void predict_into(W&, A&&, O&&) const {}
  template <class A>
  void copy_output(A&&) {}
  template <class... A>
  anything forward(A&&...) {
    return {};
  }
  template <class... A>
  anything infer(A&&...) {
    return {};
  }
  template <class... A>
  anything backward_to_input(A&&...) {
    return {};
  }
  void backward() {}
  void zero_gradients() {}
  void parameters_changed() {}
  index_t batch() const { return 0; }
  anything input() { return {}; }
  anything output() { return {}; }
  anything output_gradient() { return {}; }
  typename detail::parts_of<B>::context& context() { return context_; }
  std::span<scalar> parameters() { return {}; }
  std::span<const scalar> parameters() const { return {}; }
  std::span<scalar> gradients() { return {}; }
  std::span<scalar> statistics() { return {}; }
  std::span<const scalar> statistics() const { return {}; }
  ndarray<scalar> canonical_parameters() { return {}; }
  ndarray<scalar> canonical_statistics() { return {}; }
  ndarray<scalar> canonical_gradients() { return {}; }
  template <class A>
  void set_canonical_parameters(A&&) {}
  template <class A>
  void set_canonical_statistics(A&&) {}
  void use_domain(int) {}
  void fields(field_visitor) const {}
  void statistics_fields(field_visitor) const {}
  static std::string summary() { return {}; }
  static training_memory training_bytes(index_t) { return {}; }

private:
  typename detail::parts_of<B>::context context_;
};

}
