// SPDX-License-Identifier: BSL-1.0
#pragma once
#include <cosmoml/plan/finite_guard.hpp>
#include <cosmoml/plan/tiles.hpp>
#include <cosmoml/tensor/ndview.hpp>

#include <vector>

namespace cosmoml::inline COSMOML_ABI::nn {

// Options of a model that predicts, and of a workspace.
struct inference_options {
  index_t max_batch = 1;   // samples that the workspace holds; larger batches go in pieces
};

// What predictions need beside the parameters: room for a batch, for what inner layers hand on, and for what was prepared from the
// parameters. Models have one inside; `model::workspace` is one for a thread that shares a const model with others.
template <class Pass, class Chain, class InputLayout, class OutputLayout>
class prediction_memory {
  using B = typename Pass::backend;
  using S = typename Pass::scalar;
  using buffer = typename B::template buffer<S>;
  static constexpr index_t input_size = InputLayout::shape.size(), output_size = OutputLayout::shape.size();

public:
  using input_view = view<S, InputLayout>;
  using output_view = view<S, OutputLayout>;

  index_t batch() const { return batch_; }
  index_t capacity() const { return capacity_; }
  // Whose statistics layers that keep several use, counted from 0.
  int domain() const { return domain_; }
  void use_domain(int domain) {
    domain_ = domain;
    for (lane& l : lanes_) l.prepared_from = 0;
  }
  typename B::context& context() { return context_; }
  input_view input() { return {input_at_, batch_}; }
  output_view output() { return {output_.data(), batch_}; }

  // The next batch has so many samples; memory only grows.
  void hold(index_t batch) {
    batch_ = batch;
    input_at_ = input_.data();
    if (batch <= capacity_) return;
    capacity_ = batch;
    input_ = buffer(InputLayout::size(batch));
    input_at_ = input_.data();
    output_ = buffer(OutputLayout::size(batch));
    if constexpr (!InHostMemory<B>) host_.resize(std::size_t(larger(InputLayout::size(batch), OutputLayout::size(batch))));
  }
  // The batch is read where it is until the next hold.
  void read_from(input_view samples) {
    hold(samples.batch);
    input_at_ = samples.data;
  }
  // Samples from row `first` of a host array on become the input.
  template <class T>
  void load_rows(const ndview<T>& from, index_t first) {
    S* const to = staging(input_.data());
    const index_t step = from.row_step();
    for (index_t n = 0; n < batch_; ++n) {
      const T* const row = from.data + (first + n) * from.stride[0];
      if (step == 1)
        for (index_t e = 0; e < input_size; ++e) to[InputLayout::offset(n, e)] = S(row[e]);
      else if (step)
        for (index_t e = 0; e < input_size; ++e) to[InputLayout::offset(n, e)] = S(row[e * step]);
      else
        for (index_t e = 0; e < input_size; ++e) to[InputLayout::offset(n, e)] = S(from(first + n, e));
    }
    if constexpr (!InHostMemory<B>) B::from_host(context_, static_cast<const S*>(to), input_.data(), InputLayout::size(batch_));
  }
  // The same until the next hold, in place where the array is stored as the backend stores it.
  template <class T>
  void read_rows(const ndview<T>& from, index_t first) {
    if constexpr (InHostMemory<B> && std::same_as<T, const S> && same_storage<InputLayout, canonical<typename InputLayout::shape_type>>)
      if ((batch_ == 1 || from.stride[0] == input_size) && from.rows_contiguous()) {
        input_at_ = const_cast<S*>(from.data) + first * from.stride[0];   // no pass writes to its input
        return;
      }
    load_rows(from, first);
  }
  // The output becomes rows from `first` on of a host array.
  template <class T>
  void write_rows(const ndview<T>& out, index_t first) {
    const S* const from = staging(output_.data());
    if constexpr (!InHostMemory<B>) B::to_host(context_, static_cast<const S*>(output_.data()), host_.data(), OutputLayout::size(batch_));
    if (out.rows_contiguous()) {
      for (index_t n = 0; n < batch_; ++n)
        for (index_t e = 0; e < output_size; ++e) out.data[(first + n) * out.stride[0] + e] = T(from[OutputLayout::offset(n, e)]);
      return;
    }
    for (index_t n = 0; n < batch_; ++n)
      for (index_t e = 0; e < output_size; ++e) out(first + n, e) = T(from[OutputLayout::offset(n, e)]);
  }

  // output() of input(), for parameters and statistics of this version; `in_common` points to what shared layers need, or is nullptr.
  template <class Layers, class Shared>
  void infer(const Layers& layers, const S* p, const S* statistics, std::uint64_t version, Shared in_common) {
    hold_layers();
    auto piece = [&](lane& l, typename B::context& c, index_t first, index_t count) {
      Pass pass{c, l.memory.data() + free_at_, key{}, l.prepared_from == version, statistics, domain_, first, tile_, nullptr, in_common};
      Chain::forward(pass, layers, p, input().samples(first, count), output().samples(first, count), l.memory.data());
      l.prepared_from = version;
    };
    if constexpr (plan::guards_finite) {   // one after the other: what a guard throws must reach the caller
      for (index_t first = 0; first < batch_; first += tile_) piece(lanes_[0], context_, first, tile_ < batch_ - first ? tile_ : batch_ - first);
      return;
    } else if constexpr (plan::Tiles<Pass>)
      if (batch_ > tile_) {
        B::at_once((batch_ + tile_ - 1) / tile_, index_t(lanes_.size()), [&](index_t i, int thread) {
          lane& l = lanes_[std::size_t(thread)];
          piece(l, l.context, i * tile_, tile_ < batch_ - i * tile_ ? tile_ : batch_ - i * tile_);
        });
        return;
      }
    piece(lanes_[0], context_, 0, batch_);
  }

private:
  struct lane {
    typename B::context context;
    buffer memory;
    std::uint64_t prepared_from = 0;
  };
  // Where the host writes what belongs there, or reads it.
  S* staging(S* there) {
    if constexpr (InHostMemory<B>) return there;
    else return host_.data();
  }
  // A training model holds inputs and outputs here but may never predict.
  void hold_layers() {
    if (capacity_ <= layers_capacity_) return;
    layers_capacity_ = capacity_;
    tile_ = plan::prediction_tile<Pass, Chain, input_view, output_view>(capacity_);
    free_at_ = Chain::template state_size<input_view, output_view>(tile_);
    index_t threads = 1;
    if constexpr (plan::Tiles<Pass>)
      if (free_at_ < 1 << 18) threads = B::most_at_once();   // what is prepared is kept by each
    const index_t pieces = (capacity_ + tile_ - 1) / tile_;
    lanes_ = std::vector<lane>(std::size_t(threads < pieces ? threads : pieces));
    for (lane& l : lanes_) l.memory = buffer(free_at_ + Chain::template workspace_size<input_view, output_view>(tile_));
  }

  typename B::context context_;
  buffer input_, output_;
  std::vector<lane> lanes_;
  S* input_at_ = nullptr;
  index_t capacity_ = 0, batch_ = 0, layers_capacity_ = 0, tile_ = 0, free_at_ = 0;
  int domain_ = 0;
  std::vector<S> host_;
};

}
