// SPDX-License-Identifier: BSL-1.0
#pragma once
#include <cosmoml/io/onnx_graph.hpp>
#include <cosmoml/io/state_dict.hpp>
#include <cosmoml/version.hpp>

namespace cosmoml::inline COSMOML_ABI::io {

inline constexpr int onnx_opset = 17;   // the version of ONNX's operators that is written: from 2022, read by every runtime since

// Options of an ONNX file.
struct onnx_options {
  std::string input = "input", output = "output";
  bool softmax = false;       // behind the last layer: probabilities where a classifier gives logits
  bool as_float32 = false;    // of a model in double, too: what most operators of most runtimes take
  int domain = 0;             // whose statistics and parameters are written where a layer keeps several
};

// A network as an ONNX file, for programs in other languages: its layers at inference (dropout is the identity, norms use their running statistics),
// parameters under the names of fields(), float32 or float64 as the model's scalar, any batch size. Input (batch, input extents), output (batch, output
// extents).
// Errors: io_error (file; beyond 2 GB), invalid_argument (a layer that does not say what it is in ONNX's operators, or has options that they cannot
// express; the domain), before anything is written.
template <class Model>
std::string onnx_bytes(Model& model, const onnx_options& o = {}) {
  using net = typename Model::network;
  std::map<std::string, onnx_graph::stored> all;
  const auto take = [&](const auto& values) {
    return [&all, &values, at = index_t(0)](const std::string& where, const field& f, auto) mutable {
      onnx_graph::stored& s = all[where];
      s.shape = detail::shape_of(f);
      s.elements.assign(values.data() + at, values.data() + at + f.shape.size());
      at += f.shape.size();
    };
  };
  const auto parameters = model.canonical_parameters(), statistics = model.canonical_statistics();
  model.fields(take(parameters));
  model.statistics_fields(take(statistics));
  const bool narrow = sizeof(typename Model::scalar) == 4 || o.as_float32;
  onnx_graph g(std::move(all), narrow ? detail::onnx_type::float32 : detail::onnx_type::float64, o.domain);
  onnx_graph::value y = g.layer<typename net::body, typename net::input_shape>("", o.input);
  if (o.softmax) y = g.node("Softmax", {y}, {g.integer("axis", 1)});
  return g.model(o.input, net::input_extents, y, o.output, net::output::value, onnx_opset, version);
}
template <class Model>
void save_onnx(const std::string& path, Model& model, const onnx_options& o = {}) {
  const std::string all = onnx_bytes(model, o);
  write_file(path, all.data(), all.size());
}

}
