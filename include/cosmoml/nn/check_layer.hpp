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
};

// What check_layer found.
struct layer_report {
  ad::gradient_report parameters, input;
  bool adds = true;        // backward added to parameter gradients that were not zero
  bool assigns = true;     // backward assigned every element of an input gradient that was NaN
  bool within(double tolerance) const {
    return (parameters.tried == 0 || parameters.within(tolerance)) && (input.tried == 0 || input.within(tolerance)) && adds && assigns;
  }
  std::string describe() const {
    return "parameters: " + parameters.describe() + "; input: " + input.describe() + (adds ? "" : "; parameter gradients were not added to") +
           (assigns ? "" : "; the input gradient was not assigned everywhere");
  }
};

// Holds the gradients of a network on backend B against central differences of reference<double>: of parameters and of input, of the
// function dot(output, r) with r random. Also the two laws of backward: it adds to parameter gradients and assigns input gradients.
// For one layer of your own: check_layer<sequential<input<3, 5, 7>, mine>, backend::native<float>>(key{1}).
template <SoundNetwork Net, Backend B>
layer_report check_layer(key k, layer_check_options o = {}) {
  using S = typename B::scalar;
  const auto [start_key, input_key, cotangent_key, choice_key] = split<4>(k);
  constexpr index_t in = Net::input_extents.size(), out = Net::output::value.size();
  model<Net, backend::reference<double>> judge(start_key);
  model<Net, B> checked(start_key);

  ndarray<double> p = judge.canonical_parameters(), x(o.batch, in), r(o.batch, out);
  for (index_t i = 0; i < p.size(); ++i) p[i] = double(S(p[i]));   // the very numbers that B computes with
  for (index_t i = 0; i < x.size(); ++i) x[i] = double(S(o.scale * (2 * input_key.uniform(std::uint64_t(i)) - 1)));
  for (index_t i = 0; i < r.size(); ++i) r[i] = double(S(2 * cotangent_key.uniform(std::uint64_t(i)) - 1));

  layer_report report;
  checked.set_canonical_parameters(p);
  checked.load(x);
  auto& c = checked.context();
  B::fill(c, checked.gradients().data(), checked.stored_count, S(0));
  // Every parameter gradient starts at 9, in canonical places only: padding is zero.
  ndarray<S> nine(checked.stored_count);
  checked.fields([&](const std::string&, const field& f, auto at) {
    for (index_t e = 0; e < f.shape.size(); ++e) nine[at(e)] = S(9);
  });
  B::from_host(c, static_cast<const S*>(nine.data()), checked.gradients().data(), checked.stored_count);
  checked.forward(choice_key);
  tensor<B, typename Net::output, typename model<Net, B>::output_layout> cotangent(c, r);
  B::copy(c, static_cast<const S*>(cotangent.view().data), checked.output_gradient().data, cotangent.view().storage());
  const auto dx_view = checked.backward_to_input(S(NAN));
  ndarray<double> g(p.size()), dx(x.size());
  const auto got = checked.canonical_gradients();
  for (index_t i = 0; i < g.size(); ++i) g[i] = double(got[i]) - 9;
  {
    using layout = typename model<Net, B>::input_layout;
    ndarray<S> host(layout::size(o.batch));
    B::to_host(c, static_cast<const S*>(dx_view.data), host.data(), layout::size(o.batch));
    for (index_t n = 0; n < o.batch; ++n)
      for (index_t e = 0; e < in; ++e) {
        dx[n * in + e] = double(host[layout::offset(n, e)]);
        report.assigns = report.assigns && !std::isnan(dx[n * in + e]);
      }
  }

  auto value = [&] {
    judge.set_canonical_parameters(p);
    judge.load(x);
    const auto y = judge.forward(choice_key);
    double s = 0;
    for (index_t n = 0; n < o.batch; ++n)
      for (index_t e = 0; e < out; ++e) s += y(n, e) * r[n * out + e];
    return s;
  };
  const ad::gradient_check_options how{.step = o.step, .entries = o.entries, .choice = choice_key};
  if (p.size() > 0) {
    report.parameters = ad::check_gradient(value, {p.data(), std::size_t(p.size())}, {g.data(), std::size_t(g.size())}, how);
    index_t first = 0;
    judge.fields([&](const std::string& path, const field& f, auto) {
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
