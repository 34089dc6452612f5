// safetensors and the weights of models in them: both ways, and files that are truncated, damaged or malicious.
#include "support/folder.hpp"
#include "support/scratch.hpp"

#include <cosmoml/backend/native.hpp>
#include <cosmoml/backend/reference.hpp>
#include <cosmoml/io/state_dict.hpp>
#include <cosmoml/nn.hpp>
#include <doctest/doctest.h>

#include <cmath>
#include <type_traits>

using namespace cosmoml;
using namespace cosmoml::nn;

using tests::message, tests::says;

namespace {
const tests::scratch own;
const std::string path = own.file("weights.safetensors");

io::bytes packed(const std::string& header, std::size_t data, std::uint64_t size) {
  io::bytes all(8);
  std::memcpy(all.data(), &size, 8);
  all.insert(all.end(), header.begin(), header.end());
  all.resize(all.size() + data);
  return all;
}
// The error that a file with this header and so many bytes of data ends in; empty if it is read.
std::string refusal(const std::string& header, std::size_t data, std::uint64_t size) {
  const auto all = packed(header, data, size);
  io::write_file(path, all.data(), all.size());
  try {
    io::read_safetensors(path);
  } catch (const io_error& e) {
    return e.what();
  }
  return "";
}
std::string refusal(const std::string& header, std::size_t data) { return refusal(header, data, header.size()); }

using net = sequential<input<2, 6, 5>, conv<3, 3>, named<"norm", batch_norm<>>, relu, flatten, named<"head", dense<4>>>;
}

TEST_CASE("io/safetensors: arrays of any type, names with quotes, no arrays at all") {
  io::safetensors file;
  const float f[] = {1.5f, -0.25f, 3e-30f};
  const double d[] = {0.1, 1e300};
  file.metadata.emplace_back("who", "a \"quoted\"\nname\\");
  file.add("counts \"x\"", "I64", {2, 1}, d);
  file.add("f", "F32", {3}, f);
  file.add("scalar", "F64", {}, d);
  file.add("none", "F32", {0, 4}, f);
  io::write_safetensors(path, file);
  const auto back = io::read_safetensors(path);
  REQUIRE(back.tensors.size() == 4);
  CHECK(back.metadata == file.metadata);
  CHECK(back.tensors[0].name == "counts \"x\"");
  CHECK(back.tensors[0].shape == std::vector<index_t>{2, 1});
  for (int i = 0; i < 3; ++i) CHECK(back.element(*back.find("f"), i) == double(f[i]));
  CHECK(back.element(*back.find("scalar"), 0) == 0.1);
  CHECK(back.find("none")->size() == 0);
  CHECK(back.find("nobody") == nullptr);
  CHECK(refusal("{}", 0) == "");
  CHECK(refusal(R"( { "a" : { "shape" : [ 2 ] , "dtype":"F16", "data_offsets":[0,4] } } )", 4) == "");
  CHECK(refusal(R"({"\u00e9\ud83c\udf0c":{"dtype":"U8","shape":[1],"data_offsets":[0,1]}})", 1) == "");
  CHECK(io::read_safetensors(path).find("\xc3\xa9\xf0\x9f\x8c\x8c") != nullptr);
}
TEST_CASE("io/safetensors: sixteen bits") {
  io::bytes all = packed(R"({"h":{"dtype":"F16","shape":[5],"data_offsets":[0,10]},"b":{"dtype":"BF16","shape":[2],"data_offsets":[10,14]}})", 14, 0);
  const std::uint64_t size = all.size() - 8 - 14;
  std::memcpy(all.data(), &size, 8);
  const std::uint16_t words[] = {0x3c00, 0xc248, 0x0001, 0x7c00, 0x7e00, 0x3f80, 0xc049};
  std::memcpy(all.data() + all.size() - 14, words, 14);
  io::write_file(path, all.data(), all.size());
  const auto file = io::read_safetensors(path);
  const auto& h = *file.find("h");
  CHECK(file.element(h, 0) == 1);
  CHECK(file.element(h, 1) == -3.140625);
  CHECK(file.element(h, 2) == std::ldexp(1.0, -24));
  CHECK(std::isinf(file.element(h, 3)));
  CHECK(std::isnan(file.element(h, 4)));
  CHECK(file.element(*file.find("b"), 0) == 1);
  CHECK(file.element(*file.find("b"), 1) == -3.140625);
}
TEST_CASE("io/safetensors: what does not fit is refused before anything is made of it") {
  says(refusal("{}", 0, 3), "a header of 3 bytes in a file of 10");
  says(refusal("{}", 0, ~std::uint64_t(0)), "a header of 18446744073709551615 bytes");
  says(refusal("", 0), "'{'");
  says(refusal("[]", 0), "'{'");
  says(refusal("{} x", 0), "behind the end");
  says(refusal(R"({"a":{"dtype":"F32","shape":[2],"data_offsets":[0,9]}})", 9), "within an element");
  says(refusal(R"({"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}})", 4), "at bytes 0 to 8 of 4");
  says(refusal(R"({"a":{"dtype":"F32","shape":[2],"data_offsets":[8,0]}})", 8), "at bytes 8 to 0");
  says(refusal(R"({"a":{"dtype":"F32","shape":[3],"data_offsets":[0,8]}})", 8), "more elements than bytes");
  says(refusal(R"({"a":{"dtype":"F32","shape":[1],"data_offsets":[0,8]}})", 8), "of 1 elements in room for 2");
  says(refusal(R"({"a":{"dtype":"F32","shape":[1099511627776,1099511627776,4],"data_offsets":[0,8]}})", 8), "more elements than bytes");
  says(refusal(R"({"a":{"dtype":"F32","shape":[99999999999999999999999],"data_offsets":[0,8]}})", 8), "no file can hold");
  says(refusal(R"({"a":{"dtype":"F32","shape":[-1],"data_offsets":[0,8]}})", 8), "whole number");
  says(refusal(R"({"a":{"dtype":"C64","shape":[1],"data_offsets":[0,8]}})", 8), "type C64");
  says(refusal(R"({"a":{"dtype":"F32","shape":[1]}})", 4), "without dtype, shape or data_offsets");
  says(refusal(R"({"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4],"more":1}})", 4), "\"more\"");
  says(refusal(R"({"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"a":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}})", 8), "two tensors named a");
  says(refusal(R"({"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"b":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}})", 8), "overlaps or has a hole");
  says(refusal(R"({"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}})", 8), "8 bytes of data of which tensors take 4");
  says(refusal("{\"a\x01\":", 0), "control character");
  says(refusal(R"({"a\ud800":)", 0), "surrogate");
}
TEST_CASE("io/safetensors: any truncation and any flipped bit of a header ends in an error or in sound arrays") {
  model<net, backend::native<float>> m(key{1});
  io::save_weights(path, m);
  const io::bytes whole = io::read_file(path);
  std::uint64_t header = 0;
  std::memcpy(&header, whole.data(), 8);
  for (std::size_t n = 0; n < whole.size(); n += n < header + 8 ? 1 : 97) {
    io::write_file(path, whole.data(), n);
    CHECK_THROWS_AS(io::read_safetensors(path), io_error);
  }
  for (std::size_t bit = 0; bit < 8 * (8 + header); ++bit) {
    io::bytes damaged = whole;
    damaged[bit / 8] = static_cast<unsigned char>(damaged[bit / 8] ^ 1u << bit % 8);
    io::write_file(path, damaged.data(), damaged.size());
    try {
      for (const auto& t : io::read_safetensors(path).tensors) CHECK(t.end <= whole.size() - 8 - header);
    } catch (const io_error&) {
    }
  }
}

TEST_CASE("io/safetensors: a model's weights, to another backend and precision, to the last bit") {
  model<net, backend::native<float>> m(key{1});
  ndarray<float> x(4, 2, 6, 5);
  for (index_t i = 0; i < x.size(); ++i) x[i] = float(key{2}.normal(std::uint64_t(i)));
  m.load(x);
  m.forward();   // statistics that are not what a new model has
  io::save_weights(path, m);
  const auto file = io::read_safetensors(path);
  REQUIRE(file.tensors.size() == 9);
  for (const char* name : {"0.weight", "0.bias", "norm.weight", "norm.bias", "norm.running_mean", "norm.running_var", "norm.num_batches_tracked", "head.weight", "head.bias"})
    CHECK(file.find(name) != nullptr);
  CHECK(file.find("norm.num_batches_tracked")->type == "I64");
  CHECK(file.find("0.weight")->shape == std::vector<index_t>{3, 2, 3, 3});
  model<net, backend::reference<double>, mode::inference> other(key{5});
  io::load_weights(path, other);
  const auto a = m.canonical_parameters(), s = m.canonical_statistics();
  const auto b = other.canonical_parameters(), t = other.canonical_statistics();
  for (index_t i = 0; i < a.size(); ++i) CHECK(double(a[i]) == b[i]);
  for (index_t i = 0; i < s.size(); ++i) CHECK(double(s[i]) == t[i]);
  CHECK(t[6] == 1);
}
namespace {
using network = model<net, backend::native<float>>;
// A model whose running statistics are not those of a new one.
network in_training(key k, double shift) {
  network m(k);
  ndarray<float> x(4, 2, 6, 5);
  for (index_t i = 0; i < x.size(); ++i) x[i] = float(shift + k.normal(std::uint64_t(i)));
  m.load(x);
  m.forward();
  return m;
}
void all_equal(const ndarray<float>& a, const ndarray<float>& b) {
  REQUIRE(a.size() == b.size());
  for (index_t i = 0; i < a.size(); ++i) CHECK(a[i] == b[i]);
}
}

TEST_CASE("io/safetensors: foreign names are translated") {
  // region: names
  // A file whose head is called classifier.
  const auto theirs = [](const std::string& ours) { return ours.rfind("head.", 0) == 0 ? "classifier." + ours.substr(5) : ours; };
  model<net, backend::native<float>> trained(key{1});
  io::save_weights(path, trained, {.key = theirs});
  model<net, backend::native<float>> other(key{2});
  io::load_weights(path, other, {.key = theirs});
  // end region
  all_equal(trained.canonical_parameters(), other.canonical_parameters());
  says(message<io_error>([&] { io::load_weights(path, other); }), "no tensor named head.weight");
}
TEST_CASE("io/safetensors: a key that is missing, unknown, of another shape or type is named and changes nothing, statistics neither") {
  network saved = in_training(key{1}, 2), fresh = in_training(key{3}, -1);
  const auto parameters = fresh.canonical_parameters(), statistics = fresh.canonical_statistics();
  CHECK(statistics[0] != 0);
  CHECK(statistics[6] == 1);
  const auto refused = [&](auto error, const std::string& sentence) {
    says(message<typename decltype(error)::type>([&] { io::load_weights(path, fresh); }), sentence);
    all_equal(parameters, fresh.canonical_parameters());
    all_equal(statistics, fresh.canonical_statistics());
  };
  constexpr std::type_identity<io_error> by_key;
  constexpr std::type_identity<shape_mismatch> by_shape;
  io::save_weights(path, saved);
  const io::safetensors sound = io::read_safetensors(path);
  // The file with one tensor changed: left out if its name is emptied.
  const auto with = [&](const std::string& name, auto change) {
    io::safetensors file;
    for (io::safetensor t : sound.tensors) {
      std::vector<double> values;
      for (index_t i = 0; i < t.size(); ++i) values.push_back(sound.element(t, i));
      if (t.name == name) change(t, values);
      if (!t.name.empty()) file.add(t.name, t.type, t.shape, values.data());
    }
    io::write_safetensors(path, file);
  };
  const auto gone = [](io::safetensor& t, auto&) { t.name.clear(); };
  // what is read first and what is read last, of parameters and of statistics
  for (const char* name : {"0.weight", "head.bias", "norm.running_mean", "norm.running_var"}) {
    with(name, gone);
    refused(by_key, std::string("no tensor named ") + name);
    with(name, [](io::safetensor& t, auto&) { t.shape.push_back(1); });
    refused(by_shape, std::string(name) + " of shape (");
    with(name, [](io::safetensor& t, auto& values) { t.shape[0] += 1, values.resize(values.size() / std::size_t(t.shape[0] - 1) * std::size_t(t.shape[0])); });
    refused(by_shape, std::string(name) + " of shape (");
  }
  with("norm.num_batches_tracked", [](io::safetensor& t, auto& values) { t.shape = {2}, values.push_back(1); });
  refused(by_shape, "norm.num_batches_tracked of shape (2) where the network has ()");
  with("head.bias", [](io::safetensor& t, auto&) { t.name = "head.gain"; });
  refused(by_key, "no tensor named head.bias");
  io::safetensors more = sound;
  const float one[] = {1};
  more.add("more.weight", "F32", {1}, one);
  io::write_safetensors(path, more);
  refused(by_key, "a tensor named more.weight");
  for (const char* type : {"C64", "F16", "F64", "F8_E4M3"}) {
    io::safetensors file = sound;
    for (auto& t : file.tensors)
      if (t.name == "norm.running_var") t.type = type;
    io::write_safetensors(path, file);
    refused(by_key, "tensor norm.running_var ");
  }
  says(message<io_error>([&] { io::load_weights("nowhere.safetensors", fresh); }), "nowhere.safetensors");
  all_equal(parameters, fresh.canonical_parameters());
  // and the file as it was changes all of it
  io::write_safetensors(path, sound);
  io::load_weights(path, fresh);
  all_equal(saved.canonical_parameters(), fresh.canonical_parameters());
  all_equal(saved.canonical_statistics(), fresh.canonical_statistics());
}
