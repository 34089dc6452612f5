// SPDX-License-Identifier: BSL-1.0
#pragma once
#include <cosmoml/core/field.hpp>
#include <cosmoml/io/safetensors.hpp>
#include <cosmoml/io/state_dict.hpp>
#include <cosmoml/version.hpp>

#include <string>
#include <vector>

namespace cosmoml::inline COSMOML_ABI::train::detail {

// A checkpoint file is a safetensors file of everything that the rest of a training depends on: parameters and statistics ("model.0.weight"),
// the optimiser's state by parameter ("optimizer.first.0.weight"), means of parameters, history, position, and the settings it belongs to.
// Parameters are in canonical order, so it moves between backends of one scalar; a checksum tells a damaged file from a whole one. It is
// written beside its name, flushed to the disk and renamed: whoever reads finds the old file or the new one, both whole.
inline std::uint64_t checksum(const io::safetensors& file) {
  std::uint64_t h = 0xcbf29ce484222325u;   // FNV-1a of 64 bits
  auto bytes = [&h](const void* from, std::size_t n) {
    const unsigned char* p = static_cast<const unsigned char*>(from);
    for (std::size_t i = 0; i < n; ++i) h = (h ^ p[i]) * 0x100000001b3u;
  };
  auto string = [&](const std::string& s) { bytes(s.c_str(), s.size() + 1); };
  for (const auto& [name, value] : file.metadata)
    if (name != "checksum") string(name), string(value);
  for (const io::safetensor& t : file.tensors) {
    string(t.name), string(t.type);
    for (const index_t d : t.shape) bytes(&d, sizeof d);
  }
  bytes(file.data.data(), file.data.size());
  return h;
}
template <class T>
constexpr const char* stored_type() {
  return std::is_same_v<T, float> ? "F32" : std::is_same_v<T, double> ? "F64" : "I64";
}

// Writes what it is shown. The reader below takes the same calls in the same order.
class checkpoint_writer {
public:
  static constexpr bool writes = true;
  void setting(const std::string& name, const std::string& value) { file_.metadata.emplace_back(name, value); }
  template <class T>
  void number(const std::string& name, T& value) {
    if constexpr (std::is_floating_point_v<T>) add<double>(name, {}, &value, 1);
    else {
      const std::int64_t v = std::int64_t(value);
      add(name, {}, &v, 1);
    }
  }
  void words(const std::string& name, std::string& value) { file_.metadata.emplace_back(name, value); }
  void list(const std::string& name, std::vector<double>& values) { add(name, {index_t(values.size())}, values.data(), index_t(values.size())); }
  bool has(const std::string&) const { return true; }
  // Stored numbers in the model's order, field by field; Trained: of its parameters, else of its statistics.
  template <bool Trained, class Model, class S>
  void fields(const std::string& name, const Model& model, ndarray<S>& stored) {
    std::vector<S> own;
    visit<Trained>(model, [&](const std::string& path, const field& f, auto at) {
      own.clear();
      for (index_t e = 0; e < f.shape.size(); ++e) own.push_back(stored[at(e)]);
      add(name + "." + path, io::detail::shape_of(f), own.data(), index_t(own.size()));
    });
  }
  void write(const std::string& path) {
    file_.metadata.emplace_back("checksum", std::to_string(checksum(file_)));
    io::write_safetensors(path, file_, true);
  }
  template <bool Trained, class Model, class V>
  static void visit(const Model& model, V&& v) {
    if constexpr (Trained) model.fields(v);
    else model.statistics_fields(v);
  }

private:
  template <class T>
  void add(const std::string& name, std::vector<index_t> shape, const T* values, index_t n) {
    const auto* p = reinterpret_cast<const unsigned char*>(values);
    const std::size_t begin = file_.data.size();
    file_.data.insert(file_.data.end(), p, p + std::size_t(n) * sizeof(T));
    file_.tensors.push_back({name, stored_type<T>(), std::move(shape), begin, file_.data.size()});
  }
  io::safetensors file_;
};

// Errors: io_error (damaged, of another version or kind), invalid_argument (of another training; the setting that differs), shape_mismatch (of
// another network).
class checkpoint_reader {
public:
  static constexpr bool writes = false;
  explicit checkpoint_reader(const std::string& path) : checkpoint_reader(io::read_safetensors(path), path) {}
  checkpoint_reader(io::safetensors file, const std::string& path) : asked_("resuming from " + path), file_(std::move(file)) {
    const std::string* version = found("cosmoml_checkpoint");
    if (!version) throw io_error(asked_, "a safetensors file that is no checkpoint", "give a file that train::fit wrote");
    const std::string* sum = found("checksum");
    if (!sum || *sum != std::to_string(checksum(file_))) throw io_error(asked_, "a checksum that does not fit what is in it", "the file is damaged; use an older one");
    const std::size_t dot = version->find('.');
    const int major = std::atoi(version->c_str()), minor = dot == std::string::npos ? 0 : std::atoi(version->c_str() + dot + 1);
    if (major != checkpoint_major || minor > checkpoint_minor)
      throw io_error(asked_, "version " + *version + " of checkpoint files", text("this library reads versions ", checkpoint_major, ".0 to ", checkpoint_major, ".", checkpoint_minor));
  }
  void setting(const std::string& name, const std::string& value) {
    const std::string* there = found(name);
    if (name == "cosmoml_checkpoint" || (there && *there == value)) return;
    throw invalid_argument(asked_, name + " " + (there ? *there : "unknown") + " in the file and " + value + " here", "resume with the options and data that it was begun with, or use another path");
  }
  template <class T>
  void number(const std::string& name, T& value) {
    if constexpr (std::is_floating_point_v<T>) {
      double v;
      take(name, {}, &v, 1);
      value = T(v);
    } else {
      std::int64_t v;
      take(name, {}, &v, 1);
      value = T(v);
    }
  }
  void words(const std::string& name, std::string& value) {
    if (const std::string* there = found(name)) value = *there;
  }
  void list(const std::string& name, std::vector<double>& values) {
    const io::safetensor* t = file_.find(name);
    values.resize(t && t->shape.size() == 1 ? std::size_t(t->shape[0]) : 0);
    take(name, {index_t(values.size())}, values.data(), index_t(values.size()));
  }
  // Anything of that name, or below it?
  bool has(const std::string& name) const {
    for (const io::safetensor& t : file_.tensors)
      if (t.name.compare(0, name.size(), name) == 0 && (t.name.size() == name.size() || t.name[name.size()] == '.')) return true;
    return false;
  }
  template <bool Trained, class Model, class S>
  void fields(const std::string& name, const Model& model, ndarray<S>& stored) {
    std::vector<S> own;
    checkpoint_writer::visit<Trained>(model, [&](const std::string& path, const field& f, auto at) {
      own.resize(std::size_t(f.shape.size()));
      take(name + "." + path, io::detail::shape_of(f), own.data(), index_t(own.size()));
      for (index_t e = 0; e < f.shape.size(); ++e) stored[at(e)] = own[std::size_t(e)];
    });
  }

private:
  const std::string* found(const std::string& name) const {
    for (const auto& [n, value] : file_.metadata)
      if (n == name) return &value;
    return nullptr;
  }
  template <class T>
  void take(const std::string& name, const std::vector<index_t>& shape, T* to, index_t n) const {
    const io::safetensor* t = file_.find(name);
    if (!t) throw shape_mismatch(asked_, "no " + name, "resume with the network and the optimiser that it was begun with");
    if (t->type != stored_type<T>() || t->shape != shape)
      throw shape_mismatch(asked_, name + " of type " + t->type + " and shape " + io::detail::shape_text(t->shape) + text(" where ", stored_type<T>()) + " and " + io::detail::shape_text(shape) + " are wanted",
                           "resume with the network and the scalar that it was begun with");
    if (n > 0) std::memcpy(to, file_.data.data() + t->begin, std::size_t(n) * sizeof(T));
  }
  std::string asked_;
  io::safetensors file_;
};

}
