// SPDX-License-Identifier: BSL-1.0
#pragma once
#include <cosmoml/backend/reference.hpp>
#include <cosmoml/io/file.hpp>
#include <cosmoml/io/protobuf.hpp>
#include <cosmoml/nn/model.hpp>

#include <map>
#include <utility>

namespace cosmoml::inline COSMOML_ABI::io {

namespace detail {

// What ONNX's numbers for element types are.
enum class onnx_type { float32 = 1, int64 = 7, float64 = 11 };

template <class In>
struct input_of_shape {
  static constexpr bool is_input = true;
  using shape_type = In;
};

}

// The graph of a network in ONNX's operators as its layers write it. A layer says what it is by
//   template <class In, class G> static typename G::value onnx(G& g, typename G::value x);
// x: the name of its input, (batch, In...); it returns the name of its output. Names of parameters are those of fields().
class onnx_graph {
public:
  using value = std::string;
  using numbers = std::vector<std::int64_t>;
  using values = std::vector<double>;
  using list = std::vector<value>;
  using attribute = detail::protobuf;
  using attributes = std::vector<attribute>;
  // The numbers behind the path of a parameter or statistic.
  struct stored {
    std::vector<index_t> shape;
    values elements;
  };

  onnx_graph(std::map<std::string, stored> parameters, detail::onnx_type type, int domain) : parameters_(std::move(parameters)), type_(type), domain_(domain) {}

  // ---- what layers call
  value node(const char* op, const list& inputs, const attributes& with = {}) {
    detail::protobuf n;
    const value out = unique(op);
    for (const value& v : inputs) n.piece(1, v);
    n.piece(2, out);
    n.piece(3, out);
    n.piece(4, op);
    for (const attribute& a : with) n.message(5, a);
    graph_.message(1, n);
    return out;
  }
  static attribute number(const char* name, double v) {
    attribute a = named(name, 1);
    a.real(2, float(v));
    return a;
  }
  static attribute integer(const char* name, index_t v) {
    attribute a = named(name, 2);
    a.number(3, std::uint64_t(v));
    return a;
  }
  static attribute words(const char* name, std::string_view v) {
    attribute a = named(name, 3);
    a.piece(4, v);
    return a;
  }
  // f(0), f(1) ... f(n - 1)
  template <class F>
  static attribute integers(const char* name, int n, F f) {
    attribute a = named(name, 7);
    for (int i = 0; i < n; ++i) a.number(8, std::uint64_t(std::int64_t(f(i))));
    return a;
  }
  // A parameter or a statistic of the layer. Of one that is kept by domain, the row of the domain that is written.
  value parameter(const char* name, bool by_domain = false) {
    const std::string path = nn::path_of(path_, name);
    const auto p = parameters_.find(path);
    if (p == parameters_.end()) cannot(text("it has no parameter of the name ", name));
    std::vector<index_t> shape = p->second.shape;
    const values& all = p->second.elements;
    if (!by_domain) return initialiser(path, shape, all.data(), all.size());
    expect<invalid_argument>(domain_ >= 0 && domain_ < shape[0], "save_onnx", "choose a domain that the layer keeps", "domain ", domain_, " of ", shape[0], " at ", path);
    shape.erase(shape.begin());
    const std::size_t row = all.size() / std::size_t(p->second.shape[0]);
    return initialiser(path, shape, all.data() + std::size_t(domain_) * row, row);
  }
  value constant(const std::vector<index_t>& shape, const values& v) { return initialiser(unique("constant"), shape, v.data(), v.size()); }
  value constant(const numbers& v) {
    const value name = unique("constant");
    tensor(name, detail::onnx_type::int64, {index_t(v.size())}, v.data(), v.size() * sizeof(std::int64_t));
    return name;
  }
  // Scales of Resize are float whatever the graph is.
  value floats(const values& v) {
    const value name = unique("constant");
    const std::vector<float> narrow(v.begin(), v.end());
    tensor(name, detail::onnx_type::float32, {index_t(v.size())}, narrow.data(), v.size() * sizeof(float));
    return name;
  }
  value reshaped(const value& x, extents shape) {
    numbers to{0};   // the batch, as it is
    for (int a = 0; a < shape.rank; ++a) to.push_back(shape[a]);
    return node("Reshape", {x, constant(to)});
  }
  // Elements first, first + 1 ... along an axis of the sample.
  value slice(const value& x, int axis, index_t first, index_t count) { return node("Slice", {x, constant(numbers{first}), constant(numbers{first + count}), constant(numbers{axis + 1})}); }
  // Elements from(0), from(1) ... from(count - 1) along an axis of the sample.
  template <class F>
  value gathered(const value& x, int axis, int count, F from) {
    numbers at;
    for (int i = 0; i < count; ++i) at.push_back(from(i));
    return node("Gather", {x, constant(at)}, {integer("axis", axis + 1)});
  }
  // Zeros before and after along the axes of the sample.
  template <class F, class H>
  value padded(const value& x, extents in, F before, H after) {
    numbers pads{0};
    for (int a = 0; a < in.rank; ++a) pads.push_back(before(a));
    pads.push_back(0);
    for (int a = 0; a < in.rank; ++a) pads.push_back(after(a));
    return node("Pad", {x, constant(pads)});
  }
  // Means of whole windows, y (batch, leading ..., out ...), where each counts `share(o, axis)` times as much for every axis of `out`: windows that reach
  // beyond the map and divide by fewer elements.
  template <class F>
  value averaged(const value& y, extents leading, extents out, F share) {
    values scales;
    bool plain = true;
    for (index_t e = 0; e < out.size(); ++e) {
      double s = 1;
      for (int a = 0; a < out.rank; ++a) s *= share(int(e / out.stride(a)) % out[a], a);
      plain = plain && s == 1;
      scales.push_back(s);
    }
    if (plain) return y;
    std::vector<index_t> shape(leading.dim, leading.dim + leading.rank);
    shape.insert(shape.end(), out.dim, out.dim + out.rank);
    return node("Mul", {y, constant(shape, scales)});
  }
  // The layer of that name inside of this one; an empty name: this one's own place.
  template <class L, class In>
  value layer(const std::string& name, const value& x) {
    return at_path<L, In>(nn::path_of(path_, name), x);
  }
  // The layer that stands under `name` whatever it is inside of.
  template <class L, class In>
  value shared_layer(const std::string& name, const value& x) {
    return at_path<L, In>(name, x);
  }
  // A layer without parameters that is linear, as a product with its matrix: what it makes of unit vectors.
  template <class L, class In>
  value linear(const value& x) {
    constexpr index_t size = In::value.size();
    if (size > 4096) cannot(text("its matrix of ", size, " rows is too large; 4096 is the most"));
    nn::model<nn::sequential<detail::input_of_shape<In>, L>, backend::reference<double>, mode::inference> map(key{});
    ndarray<double> unit(size, size);
    for (index_t i = 0; i < size; ++i) unit[i * size + i] = 1;
    const auto matrix = map.predict(unit);
    return node("MatMul", {node("Flatten", {x}), constant({size, matrix.size() / size}, values(matrix.begin(), matrix.end()))});
  }
  [[noreturn]] void cannot(const std::string& why) const { throw cosmoml::invalid_argument("save_onnx", "layer " + path_ + ": " + why, "save a network without it"); }

  // ---- the file
  std::string model(const std::string& input, extents in, const value& result, const std::string& output, extents out, int opset, std::string_view producer_version) {
    detail::protobuf last;
    last.piece(1, result);
    last.piece(2, output);
    last.piece(4, "Identity");
    graph_.message(1, last);
    graph_.piece(2, "cosmoml");
    for (const auto& t : tensors_) graph_.piece(5, t);
    graph_.message(11, described(input, in));
    graph_.message(12, described(output, out));
    detail::protobuf m, operators;
    operators.piece(1, "");
    operators.number(2, std::uint64_t(opset));
    m.number(1, 8);   // the version of the file format that came with these operators
    m.message(8, operators);
    m.piece(2, "cosmoml");
    m.piece(3, producer_version);
    m.message(7, graph_);
    expect<io_error>(m.bytes().size() < (std::size_t(1) << 31), "save_onnx", "ONNX files end at 2 GB; save a smaller network, or its weights as safetensors", m.bytes().size(), " bytes");
    return m.bytes();
  }

private:
  static attribute named(const char* name, std::uint64_t type) {
    attribute a;
    a.piece(1, name);
    a.number(20, type);
    return a;
  }
  template <class L, class In>
  value at_path(const std::string& path, const value& x) {
    const std::string outer = std::exchange(path_, path);
    value y;
    if constexpr (requires(onnx_graph& g, value v) { { L::template onnx<In>(g, v) } -> std::same_as<value>; }) y = L::template onnx<In>(*this, x);
    else cannot(L::label() + " does not say what it is in ONNX's operators (nn/layer.hpp: onnx)");
    path_ = outer;
    return y;
  }
  value unique(const char* what) { return text(path_, path_.empty() ? "" : "/", what, "_", count_++); }
  value initialiser(const value& name, const std::vector<index_t>& shape, const double* v, std::size_t n) {
    if (type_ == detail::onnx_type::float64) tensor(name, type_, shape, v, n * sizeof(double));
    else {
      const std::vector<float> narrow(v, v + n);
      tensor(name, type_, shape, narrow.data(), n * sizeof(float));
    }
    return name;
  }
  void tensor(const value& name, detail::onnx_type type, const std::vector<index_t>& shape, const void* v, std::size_t size) {
    for (const value& known : known_)
      if (known == name) return;   // of a layer that several places share
    known_.push_back(name);
    detail::protobuf t;
    for (const index_t d : shape) t.number(1, std::uint64_t(d));
    t.number(2, std::uint64_t(type));
    t.piece(8, name);
    t.piece(9, {static_cast<const char*>(v), size});
    tensors_.push_back(t.bytes());
  }
  detail::protobuf described(const std::string& name, extents shape) const {
    detail::protobuf dims, batch, tensor_type, type, info;
    batch.piece(2, "batch");
    dims.message(1, batch);
    for (int a = 0; a < shape.rank; ++a) {
      detail::protobuf d;
      d.number(1, std::uint64_t(shape[a]));
      dims.message(1, d);
    }
    tensor_type.number(1, std::uint64_t(type_));
    tensor_type.message(2, dims);
    type.message(1, tensor_type);
    info.piece(1, name);
    info.message(2, type);
    return info;
  }

  std::map<std::string, stored> parameters_;
  detail::onnx_type type_;
  int domain_;
  std::string path_;
  index_t count_ = 0;
  detail::protobuf graph_;
  std::vector<std::string> tensors_;
  std::vector<value> known_;
};

}
