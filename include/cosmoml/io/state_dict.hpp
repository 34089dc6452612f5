// SPDX-License-Identifier: BSL-1.0
#pragma once
#include <cosmoml/core/field.hpp>
#include <cosmoml/io/safetensors.hpp>

#include <functional>

namespace cosmoml::inline COSMOML_ABI::io {

// How names of a file differ from ours.
struct state_dict_options {
  std::function<std::string(const std::string&)> key = {};   // from a path of ours to the file's name; default: the same
};

namespace detail {
inline std::string key_of(const state_dict_options& o, const std::string& path) { return o.key ? o.key(path) : path; }
inline std::string shape_text(const std::vector<index_t>& shape) {
  std::string s = "(";
  for (std::size_t a = 0; a < shape.size(); ++a) s += (a ? ", " : "") + std::to_string(shape[a]);
  return s + ")";
}
inline std::vector<index_t> shape_of(const field& f) { return {f.shape.dim, f.shape.dim + f.shape.rank}; }
}

// Parameters and statistics of a model to a safetensors file, under the keys of PyTorch's state_dict ("0.weight", "norm.running_mean"):
// torch's load_state_dict takes what safetensors.torch.load_file makes of it.
template <class Model>
void save_weights(const std::string& path, Model& model, const state_dict_options& o = {}) {
  const char* type = sizeof(typename Model::scalar) == 4 ? "F32" : "F64";
  safetensors file;
  file.metadata.emplace_back("format", "pt");
  const auto parameters = model.canonical_parameters(), statistics = model.canonical_statistics();
  for (const bool integers : {true, false}) {   // whole numbers take eight bytes: first, so that all stay aligned
    index_t at = 0;
    model.fields([&](const std::string& where, const field& f, auto) {
      if (!integers) file.add(detail::key_of(o, where), type, detail::shape_of(f), parameters.data() + at);
      at += f.shape.size();
    });
    at = 0;
    model.statistics_fields([&](const std::string& where, const field& f, auto) {
      if (f.integer == integers) file.add(detail::key_of(o, where), integers ? "I64" : type, detail::shape_of(f), statistics.data() + at);
      at += f.shape.size();
    });
  }
  write_safetensors(path, file);
}

// The other way. All or nothing: a key that is missing, that nobody asked for, or whose shape is another is an error that names it, and
// the model stays as it was. Counters (num_batches_tracked) may be missing: old files have none.
// Errors: io_error (file), shape_mismatch.
template <class Model>
void load_weights(const std::string& path, Model& model, const state_dict_options& o = {}) {
  const std::string asked = "loading weights from " + path;
  const safetensors file = read_safetensors(path);
  std::vector<bool> used(file.tensors.size());
  auto take = [&](auto& values) {
    index_t at = 0;
    return [&, at](const std::string& where, const field& f, auto) mutable {
      const std::string key = detail::key_of(o, where);
      if (const safetensor* t = file.find(key)) {
        if (t->shape != detail::shape_of(f))
          throw shape_mismatch(asked, key + " of shape " + detail::shape_text(t->shape) + " where the network has " + detail::shape_text(detail::shape_of(f)), "load weights of the same network");
        used[std::size_t(t - file.tensors.data())] = true;
        for (index_t e = 0; e < f.shape.size(); ++e) values[at + e] = typename Model::scalar(file.element(*t, e));
      } else if (!f.integer) throw io_error(asked, "no tensor named " + key, "load weights of the same network, or translate names with state_dict_options::key");
      at += f.shape.size();
    };
  };
  auto parameters = model.canonical_parameters();
  auto statistics = model.canonical_statistics();
  model.fields(take(parameters));
  model.statistics_fields(take(statistics));
  for (std::size_t i = 0; i < used.size(); ++i)
    if (!used[i])
      throw io_error(asked, "a tensor named " + file.tensors[i].name + " that the network does not have", "load weights of the same network, or translate names with state_dict_options::key");
  model.set_canonical_parameters(parameters);
  model.set_canonical_statistics(statistics);
}

}
