// What save_onnx writes, read back field by field; tests/onnx runs such files. And what it refuses.
#include <cosmoml/io/onnx.hpp>
#include <cosmoml/nn.hpp>

#include <doctest/doctest.h>

#include <cstring>
#include <string>
#include <vector>

using namespace cosmoml;
using namespace cosmoml::nn;

namespace of_a_user {
struct square {
  static constexpr const char* name = "square";
  static constexpr bool keeps_zero = true;
  template <class T>
  COSMOML_HD T operator()(T x) const {
    return x * x;
  }
  template <class T>
  COSMOML_HD T slope_at_input(T x) const {
    return x + x;
  }
};
}
namespace {
using of_a_user::square;
// A message of protocol buffers: the fields with their numbers, bytes of those that have a length.
struct message {
  std::vector<std::pair<int, std::string>> pieces;
  std::vector<std::pair<int, std::uint64_t>> numbers;
  explicit message(const std::string& b) {
    std::size_t at = 0;
    const auto varint = [&] {
      std::uint64_t v = 0;
      for (int shift = 0;; shift += 7) {
        REQUIRE(at < b.size());
        const auto c = static_cast<unsigned char>(b[at++]);
        v |= std::uint64_t(c & 0x7f) << shift;
        if (c < 0x80) return v;
      }
    };
    while (at < b.size()) {
      const std::uint64_t tag = varint();
      const int field = int(tag >> 3), kind = int(tag & 7);
      if (kind == 0) numbers.emplace_back(field, varint());
      else if (kind == 5) at += 4;
      else {
        REQUIRE(kind == 2);
        const std::size_t n = std::size_t(varint());
        REQUIRE(n <= b.size() - at);
        pieces.emplace_back(field, b.substr(at, n));
        at += n;
      }
    }
  }
  std::vector<std::string> all(int field) const {
    std::vector<std::string> found;
    for (const auto& [f, p] : pieces)
      if (f == field) found.push_back(p);
    return found;
  }
  std::string one(int field) const {
    const auto found = all(field);
    REQUIRE(found.size() == 1);
    return found[0];
  }
};
template <class Net, class B = backend::reference<float>>
std::string message_of(const io::onnx_options& o = {}) {
  model<Net, B> m(key{1});
  try {
    io::onnx_bytes(m, o);
  } catch (const invalid_argument& e) {
    return e.what();
  }
  return "no error";
}
}

TEST_CASE("io/onnx: operators in order, parameters under the names of fields(), numbers to the bit") {
  using net = sequential<input<3>, named<"body", sequential<dense<4>, relu>>, dropout<>, named<"head", dense<2>>>;
  model<net, backend::reference<double>> m(key{1});
  // region: save
  io::save_onnx("network.onnx", m);
  // end region
  const auto bytes = io::read_file("network.onnx");
  std::remove("network.onnx");
  const message file(std::string(bytes.begin(), bytes.end())), graph(file.one(7));
  CHECK(file.one(2) == "cosmoml");
  std::vector<std::string> operators, parameters;
  for (const auto& n : graph.all(1)) operators.push_back(message(n).one(4));
  CHECK(operators == std::vector<std::string>{"Gemm", "Relu", "Gemm", "Identity"});
  for (const auto& t : graph.all(5)) parameters.push_back(message(t).one(8));
  CHECK(parameters == std::vector<std::string>{"body.0.weight", "body.0.bias", "head.weight", "head.bias"});
  const message weight(graph.all(5)[0]);
  CHECK(weight.numbers == std::vector<std::pair<int, std::uint64_t>>{{1, 4}, {1, 3}, {2, 11}});   // float64
  const auto values = m.canonical_parameters();
  CHECK(weight.one(9).size() == 12 * sizeof(double));
  CHECK(std::memcmp(weight.one(9).data(), values.data(), 12 * sizeof(double)) == 0);
  CHECK(message(graph.one(11)).one(1) == "input");
  CHECK(message(graph.one(12)).one(1) == "output");
  CHECK(message(io::onnx_bytes(m, {.as_float32 = true})).one(7).size() < file.one(7).size());
}

TEST_CASE("io/onnx: a layer that several places share stands once") {
  using net = sequential<input<4>, shared<"twin", dense<4>>, relu, shared<"twin", dense<4>>>;
  model<net, backend::reference<float>> m(key{1});
  CHECK(message(message(io::onnx_bytes(m)).one(7)).all(5).size() == 2);
}

TEST_CASE("io/onnx: what ONNX cannot express is an error that names the layer") {
  using keeps = sequential<input<2, 5>, relu, named<"pool", max_pool_over<window<1, 2>, pool_options{.leftover = leftover::keep}>>>;
  CHECK(message_of<keeps>() == "cosmoml: save_onnx: layer pool: ONNX has no pooling that keeps what fills no window; save a network without it");
  using own = sequential<input<3>, dense<4>, named<"inner", sequential<relu, elementwise<square>>>>;
  CHECK(message_of<own>().find("layer inner.1: square does not say what it is in ONNX's operators") != std::string::npos);
  using apart = sequential<input<4>, batch_norm<batch_norm_options{.domains = 2}>>;
  CHECK(message_of<apart>({.domain = 1}) == "no error");
  CHECK(message_of<apart>({.domain = 2}).find("domain 2 of 2 at 0.weight") != std::string::npos);
}
