// SPDX-License-Identifier: BSL-1.0
#pragma once
#include <cosmoml/core/key.hpp>
#include <cosmoml/tensor/ndarray.hpp>

#include <atomic>
#include <cmath>
#include <exception>
#include <optional>
#include <thread>
#include <vector>

namespace cosmoml::inline COSMOML_ABI::train {

// Options of ensemble.
struct ensemble_options {
  int members = 5;
  int threads = 1;    // at most; what comes out does not depend on it
  key randomness{};   // member i gets randomness.fold(i)
};

// What make(i, key) returns for each member, trained side by side. A member that throws ends the others' queue; the first one's error comes out.
//   auto members = train::ensemble({.members = 5, .threads = 2, .randomness = key{7}}, [&](int, key k) {
//     const auto [start, order] = split<2>(k);
//     nn::model<net, B> m(start);
//     train::fit(m, training, loss, adam, {.randomness = order});
//     return m.predict(x);
//   });
// Threads of OpenMP inside each member multiply with these: one of the two numbers should be 1.
template <class Make>
auto ensemble(const ensemble_options& o, Make&& make) {
  using result = decltype(make(0, key{}));
  expect<invalid_argument>(o.members > 0 && o.threads > 0, "train::ensemble", "ask for one or more members and threads", o.members, " members, ", o.threads, " threads");
  std::vector<std::optional<result>> found(static_cast<std::size_t>(o.members));
  std::vector<std::exception_ptr> errors(found.size());
  std::atomic<int> next{0};
  auto work = [&] {
    for (int i = next++; i < o.members; i = next++) try {
        found[std::size_t(i)].emplace(make(i, o.randomness.fold(std::uint64_t(i))));
      } catch (...) {
        errors[std::size_t(i)] = std::current_exception();
        next = o.members;
      }
  };
  {
    std::vector<std::jthread> others;
    for (int t = 1; t < (o.threads < o.members ? o.threads : o.members); ++t) others.emplace_back(work);
    work();
  }
  for (const auto& e : errors)
    if (e) std::rethrow_exception(e);
  std::vector<result> all;
  for (auto& f : found) all.push_back(std::move(*f));
  return all;
}

// Mean and standard deviation (n - 1) over the members' predictions, element by element.
template <class S>
struct ensemble_spread {
  ndarray<S> mean, deviation;
};
template <class S>
ensemble_spread<S> spread_of(const std::vector<ndarray<S>>& predictions) {
  expect<invalid_argument>(!predictions.empty(), "train::spread_of", "give the predictions of at least one member", "none");
  const ndarray<S>& first = predictions.front();
  ensemble_spread<S> out{ndarray<S>(first.extents()), ndarray<S>(first.extents())};
  for (const auto& p : predictions) expect<shape_mismatch>(p.extents() == first.extents(), "train::spread_of", "give predictions of the same samples", p.size(), " numbers and ", first.size());
  const double n = double(predictions.size());
  for (index_t i = 0; i < first.size(); ++i) {
    double mean = 0, square = 0;
    for (const auto& p : predictions) mean += double(p[i]) / n;
    for (const auto& p : predictions) square += (double(p[i]) - mean) * (double(p[i]) - mean);
    out.mean[i] = S(mean);
    out.deviation[i] = S(n > 1 ? std::sqrt(square / (n - 1)) : 0);
  }
  return out;
}

}
