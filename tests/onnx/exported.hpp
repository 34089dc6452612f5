// Networks with random weights as ONNX files, with random inputs and what we make of them beside each: what check.py holds against a runtime.
#pragma once
#include <cosmoml/io/npy.hpp>
#include <cosmoml/io/onnx.hpp>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <string>

namespace tests {

using namespace cosmoml;

// The seed that run.sh gives to the program.
inline key seed_of(int argc, char** argv) { return key{argc == 2 ? std::strtoull(argv[1], nullptr, 10) : 0}; }

// Statistics are random, too: means in [-1/2, 1/2], variances in [1/2, 3/2].
template <class Net, class B>
bool draw(key seed, const std::string& name, const io::onnx_options& o, index_t batch) {
  using S = typename B::scalar;
  const auto [weights, statistics, inputs] = split<3>(seed);
  nn::model<Net, B, mode::inference> m(weights);
  auto kept = m.canonical_statistics();
  index_t at = 0;
  m.statistics_fields([&](const std::string& path, const field& f, auto) {
    for (index_t e = 0; e < f.shape.size(); ++e, ++at) kept[at] = S(statistics.template uniform<double>(std::uint64_t(at)) + (path.ends_with("running_var") ? 0.5 : -0.5));
  });
  m.set_canonical_statistics(kept);
  m.use_domain(o.domain);
  ndarray<S> x(batch, Net::input_extents.size());
  for (index_t i = 0; i < x.size(); ++i) x[i] = S(inputs.template normal<double>(std::uint64_t(i)));
  auto y = m.predict(x);
  if (std::all_of(y.begin(), y.end(), [](S v) { return v == 0; })) return false;   // a last relu lets nothing through, and nothing would be compared
  if (o.softmax)
    for (index_t n = 0; n < batch; ++n) {
      double sum = 0;
      for (index_t e = 0; e < y.row_size(); ++e) sum += std::exp(double(y.row(n)[e]));
      for (index_t e = 0; e < y.row_size(); ++e) y.row(n)[e] = S(std::exp(double(y.row(n)[e])) / sum);
    }
  std::vector<index_t> in{batch}, out{batch};
  for (int a = 0; a < Net::input_extents.rank; ++a) in.push_back(Net::input_extents[a]);
  for (int a = 0; a < Net::output::value.rank; ++a) out.push_back(Net::output::value[a]);
  const auto write = [&](const char* what, const ndarray<S>& a, const std::vector<index_t>& shape) {
    const std::string file = name + what;
    if (o.as_float32) io::write_npy(file, ndarray<float>(shape, std::vector<float>(a.begin(), a.end())));
    else io::write_npy(file, ndarray<S>(shape, std::vector<S>(a.begin(), a.end())));
  };
  write(".x.npy", x, in);
  write(".y.npy", y, out);
  io::save_onnx(name + ".onnx", m, o);
  return true;
}
template <class Net, class B>
void exported(key seed, const std::string& name, const io::onnx_options& o = {}, index_t batch = 5) {
  for (const char c : name) seed = seed.fold(std::uint64_t(c));
  while (!draw<Net, B>(seed, name, o, batch)) seed = seed.fold(0);
}

}
