// SPDX-License-Identifier: BSL-1.0
#pragma once
#include <cosmoml/ad/gradient_check.hpp>
#include <cosmoml/backend/reference.hpp>
#include <cosmoml/nn/model.hpp>

namespace cosmoml::inline COSMOML_ABI::nn {

// How check_layer looks at a layer.
struct layer_check_options {
  index_t batch = 3;
  index_t entries = 60;    // of the parameters, and of the input, that are tried; 0: all
  double scale = 1;        // inputs are uniform in [-scale, scale]
  double step = 1e-5;      // of the differences
  int domain = 0;          // of layers that keep several apart; see model.use_domain
};

// What check_layer found.
struct layer_report {
  ad::gradient_report parameters, input;
  double output = 0;       // the largest difference between the outputs of B and of reference<double>, over the largest of those (or 1e-3)
  bool adds = true;        // backward added to parameter gradients that were not zero
  bool assigns = true;     // backward assigned every element of an input gradient that was NaN
  bool within(double tolerance) const {
    return (parameters.tried == 0 || parameters.within(tolerance)) && (input.tried == 0 || input.within(tolerance)) && output <= tolerance && adds &&
           assigns;
  }
  std::string describe() const {
    return "parameters: " + parameters.describe() + "; input: " + input.describe() + text("; output: off by ", output) + (adds ? "" : "; parameter gradients were not added to") +
           (assigns ? "" : "; the input gradient was not assigned everywhere");
  }
};

namespace detail {
// The two sides of a check, whatever the network: what needs its type is little, so that many checks compile fast.
struct layer_judge {
  virtual ~layer_judge() = default;
  virtual ndarray<double> parameters() = 0;
  virtual void use_domain(int domain) = 0;
  virtual void fields(field_visitor) const = 0;
  // The output at parameters p and input x.
  virtual void outputs(const ndarray<double>& p, const ndarray<double>& x, key randomness, ndarray<double>& y) = 0;
};
struct layer_subject {
  virtual ~layer_subject() = default;
  virtual void use_domain(int domain) = 0;
  // The output, and backward's gradients of dot(output, r), at p and x: parameters', which start at 9, and the input's, which starts as NaN.
  virtual void gradients(const ndarray<double>& p, const ndarray<double>& x, const ndarray<double>& r, key randomness, ndarray<double>& y, ndarray<double>& dp, ndarray<double>& dx) = 0;
};
template <class Net>
struct judge_of final : layer_judge {
  model<Net, backend::reference<double>> m;
  explicit judge_of(key start) : m(start) {}
  ndarray<double> parameters() override { return m.canonical_parameters(); }
  void use_domain(int domain) override { m.use_domain(domain); }
  void fields(field_visitor visitor) const override { m.fields(visitor); }
  void outputs(const ndarray<double>& p, const ndarray<double>& x, key randomness, ndarray<double>& y) override {
    m.set_canonical_parameters(p);
    m.load(x);
    const auto got = m.forward(randomness);
    for (index_t n = 0; n < x.rows(); ++n)
      for (index_t e = 0; e < m.output_size; ++e) y[n * m.output_size + e] = got(n, e);
  }
};
template <class Net, class B>
struct subject_of final : layer_subject {
  using S = typename B::scalar;
  model<Net, B> m;
  explicit subject_of(key start) : m(start) {}
  void use_domain(int domain) override { m.use_domain(domain); }
  void gradients(const ndarray<double>& p, const ndarray<double>& x, const ndarray<double>& r, key randomness, ndarray<double>& y, ndarray<double>& dp, ndarray<double>& dx) override {
    m.set_canonical_parameters(p);
    m.load(x);
    auto& c = m.context();
    B::fill(c, m.gradients().data(), m.stored_count, S(0));
    // In canonical places only: padding is zero.
    ndarray<S> nine(m.stored_count);
    m.fields([&](const std::string&, const field& f, field_place at) {
      for (index_t e = 0; e < f.shape.size(); ++e) nine[at(e)] = S(9);
    });
    B::from_host(c, static_cast<const S*>(nine.data()), m.gradients().data(), m.stored_count);
    host(m.forward(randomness), y);
    tensor<B, typename Net::output, typename model<Net, B>::output_layout> cotangent(c, r);
    B::copy(c, static_cast<const S*>(cotangent.view().data), m.output_gradient().data, cotangent.view().storage());
    const auto dx_view = m.backward_to_input(S(NAN));
    const auto got = m.canonical_gradients();
    for (index_t i = 0; i < dp.size(); ++i) dp[i] = double(got[i]);
    host(dx_view, dx);
  }

private:
  template <class V>
  void host(V from, ndarray<double>& to) {
    ndarray<S> copy(from.storage());
    B::to_host(m.context(), static_cast<const S*>(from.data), copy.data(), copy.size());
    for (index_t n = 0; n < from.batch; ++n)
      for (index_t e = 0; e < V::sample_size; ++e) to[n * V::sample_size + e] = double(copy[V::layout::offset(n, e)]);
  }
};
template <class S>
layer_report check_layer(layer_judge& judge, layer_subject& checked, index_t in, index_t out, key input_key, key cotangent_key, key choice_key, const layer_check_options& o) {
  ndarray<double> p = judge.parameters(), x(o.batch, in), r(o.batch, out);
  for (index_t i = 0; i < p.size(); ++i) p[i] = double(S(p[i]));   // the very numbers that B computes with
  for (index_t i = 0; i < x.size(); ++i) x[i] = double(S(o.scale * (2 * input_key.uniform(std::uint64_t(i)) - 1)));
  for (index_t i = 0; i < r.size(); ++i) r[i] = double(S(2 * cotangent_key.uniform(std::uint64_t(i)) - 1));

  judge.use_domain(o.domain);
  checked.use_domain(o.domain);
  layer_report report;
  ndarray<double> g(p.size()), dx(o.batch, in), y(o.batch, out), judged(o.batch, out);
  checked.gradients(p, x, r, choice_key, y, g, dx);
  judge.outputs(p, x, choice_key, judged);
  double largest = 1e-3;
  for (index_t i = 0; i < y.size(); ++i) largest = std::max(largest, std::abs(judged[i]));
  for (index_t i = 0; i < y.size(); ++i) report.output = std::isnan(y[i]) ? HUGE_VAL : std::max(report.output, std::abs(y[i] - judged[i]) / largest);
  for (index_t i = 0; i < g.size(); ++i) g[i] -= 9;
  for (index_t i = 0; i < dx.size(); ++i) report.assigns = report.assigns && !std::isnan(dx[i]);

  const auto value = [&] {
    judge.outputs(p, x, choice_key, judged);
    double s = 0;
    for (index_t i = 0; i < r.size(); ++i) s += judged[i] * r[i];
    return s;
  };
  const ad::gradient_check_options how{.step = o.step, .entries = o.entries, .choice = choice_key};
  if (p.size() > 0) {
    report.parameters = ad::check_gradient(value, {p.data(), std::size_t(p.size())}, {g.data(), std::size_t(g.size())}, how);
    index_t first = 0;
    judge.fields([&](const std::string& path, const field& f, field_place) {
      if (report.parameters.entry >= first && report.parameters.entry < first + f.shape.size() && report.parameters.where.empty()) {
        report.parameters.where = path;
        report.parameters.entry -= first;
      }
      first += f.shape.size();
    });
    // Without the 9: gradients that were overwritten are off by it.
    report.adds = report.parameters.worst < 1;
  }
  report.input = ad::check_gradient(value, {x.data(), std::size_t(x.size())}, {dx.data(), std::size_t(dx.size())}, how);
  report.input.where = "input";
  return report;
}
}

// Holds the gradients of a network on backend B against central differences of reference<double>: of parameters and of input, of the
// function dot(output, r) with r random; and its outputs against theirs. Also the two laws of backward: it adds to parameter gradients and assigns input gradients.
// For one layer of your own: check_layer<sequential<input<3, 5, 7>, mine>, backend::native<float>>(key{1}).
template <SoundNetwork Net, Backend B>
layer_report check_layer(key k, layer_check_options o = {}) {
  const auto [start_key, input_key, cotangent_key, choice_key] = split<4>(k);
  detail::judge_of<Net> judge(start_key);
  detail::subject_of<Net, B> checked(start_key);
  return detail::check_layer<typename B::scalar>(judge, checked, Net::input_extents.size(), Net::output::value.size(), input_key, cotangent_key, choice_key, o);
}

}
