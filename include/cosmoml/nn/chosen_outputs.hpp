// SPDX-License-Identifier: BSL-1.0
#pragma once
#include <cosmoml/nn/model.hpp>
#include <cosmoml/ops/chosen_outputs.hpp>

namespace cosmoml::inline COSMOML_ABI::nn {

// One output of a model for each sample, chosen by a number: the value of the action that was taken, the score of the true class.
//
//   chosen_outputs q(model);
//   auto y = q.forward(actions);                     // (n, 1); actions: n output numbers on the backend
//   loss.evaluate<B>(model.context(), y, q.gradient(), targets, nullptr, 1.0f / n);
//   q.backward();                                    // adds to model.gradients()
//
// Works on the batch in model.input(). If the network ends in dense, only these outputs are computed and only they carry a gradient (plan/chosen_output.hpp);
// otherwise all are, and one is picked. An inference model has `forward` alone. Numbers outside 0 ... outputs - 1 are undefined behaviour, as they are for a pointer.
template <class Model>
class chosen_outputs {
  using B = typename Model::backend;
  using S = typename Model::scalar;
  using buffer = typename B::template buffer<S>;
  using pass_type = typename Model::pass_type::template reading<plan::chosen>;
  using chain = typename Model::template chain_of<pass_type>;
  static constexpr bool direct = pass_type::allowed.choose && Model::form::ends_in == kind::dense;

public:
  using output_view = view<S, canonical<shape<1>>>;

  explicit chosen_outputs(Model& model) : model_(&model) {}

  output_view forward(const int* which, key randomness = {}) {
    which_ = which;
    randomness_ = randomness;
    hold(model_->batch());
    if constexpr (direct) {
      pass_type p = pass(randomness);
      plan::guarded("chosen_outputs.forward", 0, [&] { chain::forward(p, model_->layers(), std::as_const(*model_).parameters().data(), model_->input(), output(), memory_.data()); });
    } else ops::pick_element<B>(model_->context(), model_->forward(randomness), which, output());
    return output();
  }
  output_view output() { return {output_.data(), model_->batch()}; }
  output_view gradient()
    requires Model::training
  {
    return {gradient_.data(), model_->batch()};
  }
  void backward()
    requires Model::training
  {
    if constexpr (direct) {
      pass_type p = pass(randomness_);
      chain::backward(p, model_->layers(), std::as_const(*model_).parameters().data(), model_->input(), output(), gradient(), nothing{}, model_->gradients().data(),
                      memory_.data());
    } else {
      ops::pick_element_adjoint<B>(model_->context(), gradient(), which_, model_->output_gradient());
      model_->backward();
    }
  }

private:
  void hold(index_t batch) {
    if (batch <= capacity_) return;
    capacity_ = batch;
    output_ = buffer(batch);
    if constexpr (Model::training) gradient_ = buffer(batch);
    if constexpr (direct) {
      free_at_ = chain::template state_size<typename Model::input_view, output_view>(batch);
      memory_ = buffer(free_at_ + chain::template workspace_size<typename Model::input_view, output_view>(batch));
    }
  }
  pass_type pass(key randomness) {
    pass_type p{model_->context(), memory_.data() + free_at_, randomness};
    if constexpr (Model::stored_statistics > 0) {
      if constexpr (Model::training) p.statistics = model_->statistics().data();
      else p.statistics = std::as_const(*model_).statistics().data();
      p.domain = model_->domain();
    }
    p.in_common = model_->in_common();
    p.room = capacity_;
    p.which = which_;
    return p;
  }

  Model* model_;
  buffer output_, gradient_, memory_;
  const int* which_ = nullptr;
  key randomness_{};   // of the last forward
  index_t capacity_ = 0, free_at_ = 0;
};

}
