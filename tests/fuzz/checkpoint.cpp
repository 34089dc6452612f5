// A checkpoint whose checksum fits whatever else is in it: what stands behind the checksum is tested, too.
#include "target.hpp"

#include <cosmoml/backend/reference.hpp>
#include <cosmoml/nn/batch_norm.hpp>
#include <cosmoml/nn/dense.hpp>
#include <cosmoml/nn/model.hpp>
#include <cosmoml/nn/named.hpp>
#include <cosmoml/nn/relu.hpp>
#include <cosmoml/train/checkpoint_file.hpp>

using namespace cosmoml::nn;
using net = sequential<input<3>, named<"body", sequential<dense<4>, batch_norm<>, relu>>, named<"head", dense<2>>>;   // of tests/golden/checkpoint_1_0

void read(const io::bytes& b) {
  static const model<net, backend::reference<float>> m(key{1});
  using model_type = std::remove_cvref_t<decltype(m)>;
  auto file = io::parse_safetensors(b, "fuzz");
  for (auto& [name, value] : file.metadata)
    if (name == "checksum") value = std::to_string(train::detail::checksum(file));
  train::detail::checkpoint_reader r(std::move(file), "fuzz");
  auto each = [](auto&& call) {
    try {
      call();
    } catch (const error&) {
    }
  };
  int epoch = 0;
  double loss = 0;
  std::string reason;
  std::vector<double> history;
  each([&] { r.setting("scalar", "F32"); });
  each([&] { r.number("epoch", epoch); });
  each([&] { r.number("loss_sum", loss); });
  each([&] { r.words("reason", reason); });
  each([&] { r.list("history", history); });
  must(!r.has("nobody.wrote.this"));
  ndarray<float> parameters(model_type::stored_count), statistics(model_type::stored_statistics);
  each([&] { r.fields<true>("model", m, parameters); });
  each([&] { r.fields<true>("optimizer.first", m, parameters); });
  each([&] { r.fields<false>("model", m, statistics); });
}
