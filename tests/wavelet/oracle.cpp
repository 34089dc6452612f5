// Every wavelet and extension on random signals, for PyWavelets to judge (oracle.py): oracle SEED FILE.
// A record is a line, "transform wavelet mode levels n ... : inputs outputs", then that many numbers of eight bytes.
#include <cosmoml/backend/native.hpp>
#include <cosmoml/tensor/tensor.hpp>
#include <cosmoml/wavelet.hpp>

#include <cstdio>
#include <cstdlib>
#include <initializer_list>
#include <string>
#include <utility>
#include <vector>

using namespace cosmoml;
using namespace cosmoml::wavelet;

namespace {

using numbers = std::vector<double>;
using B = backend::native<double>;

const std::pair<const char*, extension> modes[] = {{"symmetric", extension::symmetric},         {"periodization", extension::periodization},
                                                   {"antisymmetric", extension::antisymmetric}, {"reflect", extension::reflect},
                                                   {"antireflect", extension::antireflect},     {"periodic", extension::periodic},
                                                   {"zero", extension::zero},                   {"constant", extension::constant},
                                                   {"smooth", extension::smooth}};
constexpr int longest = 67, widest = 23;

class judge {
 public:
  judge(std::uint64_t seed, const char* path) : randomness(seed), file(std::fopen(path, "wb")) {
    if (!file) throw io_error(path, "it cannot be written", "give a path in a folder that is there");
  }
  judge(const judge&) = delete;
  judge& operator=(const judge&) = delete;
  ~judge() { std::fclose(file); }

  numbers draw(std::size_t n) {
    numbers x(n);
    for (double& v : x) v = randomness.normal(drawn++);
    return x;
  }
  int between(int least, int most) { return least + int(randomness.below(std::uint64_t(most - least + 1), drawn++)); }
  void record(const char* transform, const char* wavelet, const char* mode, int levels, std::initializer_list<int> extents, const numbers& in, const double* out, std::size_t outs) {
    std::fprintf(file, "%s %s %s %d", transform, wavelet, mode, levels);
    for (const int n : extents) std::fprintf(file, " %d", n);
    std::fprintf(file, " : %zu %zu\n", in.size(), outs);
    std::fwrite(in.data(), sizeof(double), in.size(), file);
    std::fwrite(out, sizeof(double), outs, file);
  }

 private:
  key randomness;
  std::uint64_t drawn = 0;
  std::FILE* file;
};

template <Wavelet W>
void one_level(judge& j, const char* name, extension mode, int n) {
  const numbers x = j.draw(std::size_t(n));
  const std::size_t m = std::size_t(coefficients_along(n, W::taps, mode));
  numbers c(2 * m);
  analyse_once<W, double>(x, mode, std::span(c).first(m), std::span(c).last(m));
  j.record("dwt", W::name, name, 1, {n}, x, c.data(), c.size());
  const numbers halves = j.draw(2 * m);   // no signal's: what the inverse makes of anything
  numbers back(x.size());
  synthesise_once<W, double>(std::span(halves).first(m), std::span(halves).last(m), mode, back);
  j.record("idwt", W::name, name, 1, {n}, halves, back.data(), back.size());
}
template <Wavelet W>
void in_packets(judge& j, const char* name, extension mode, int n, int levels) {
  const numbers x = j.draw(std::size_t(n));
  const auto nodes = packets<W, double>(x, levels, mode);
  j.record("packets", W::name, name, levels, {n}, x, nodes.data(), std::size_t(nodes.size()));
}
template <Wavelet W>
void several_levels(judge& j, B::context& c, const char* name, extension mode, int levels, std::initializer_list<int> extents) {
  std::size_t size = 1;
  for (const int n : extents) size *= std::size_t(n);
  const numbers x = j.draw(size);
  const wavelet_sizes z(extents.begin(), int(extents.size()), levels, W::taps, mode);
  ndarray<double> padded(1, longest * widest);
  for (std::size_t i = 0; i < size; ++i) padded[index_t(i)] = x[i];
  const tensor<B, shape<longest * widest>> in(c, padded);
  static tensor<B, shape<20000>> out(1);
  if (z.size() > 20000) throw invalid_argument("the oracle", text(z.size(), " coefficients"), "give it more room");
  ops::wavelet_analysis<B>(c, z, mode, decomposition<W, double>(), 1, in.view(), out.view());
  const auto y = out.to_host(c);
  j.record("wavedec", W::name, name, levels, extents, x, y.data(), std::size_t(z.size()));
}
template <Wavelet W>
void undecimated(judge& j, int levels, int n) {
  const numbers x = j.draw(std::size_t(n));
  const auto bands = stationary<W, double>(x, levels);
  j.record("swt", W::name, "periodization", levels, {n}, x, bands.data(), std::size_t(bands.size()));
  const numbers any = j.draw(std::size_t(levels + 1) * std::size_t(n));
  ndarray<double> given(index_t(levels + 1), index_t(n));
  for (std::size_t i = 0; i < any.size(); ++i) given[index_t(i)] = any[i];
  const auto back = from_stationary<W>(given);
  j.record("iswt", W::name, "periodization", levels, {n}, any, back.data(), std::size_t(back.size()));
}

template <Wavelet W>
void all(judge& j, B::context& c) {
  for (const auto& [name, mode] : modes) {
    for (int n = 2; n <= longest; ++n) one_level<W>(j, name, mode, n);
    // so long that no level begins with one number, which PyWavelets does not reflect
    for (int levels = 1; levels <= 3; ++levels)
      for (int i = 0; i < 3; ++i) in_packets<W>(j, name, mode, j.between(1 << levels, longest), levels);
    for (int levels = 2; levels <= 3; ++levels) several_levels<W>(j, c, name, mode, levels, {j.between(1 << levels, longest)});
    several_levels<W>(j, c, name, mode, 2, {j.between(4, widest), j.between(4, widest)});
  }
  for (int levels = 1; levels <= 3; ++levels)
    for (int n = 1 << levels; n <= longest; n += 1 << levels) undecimated<W>(j, levels, n);
}

}

int main(int argc, char** argv) {
  if (argc != 3) return std::fputs("usage: oracle SEED FILE\n", stderr), 2;
  judge j(std::strtoull(argv[1], nullptr, 10), argv[2]);
  B::context c;
  [&]<int... N>(std::integer_sequence<int, N...>) { (all<daubechies<N + 1>>(j, c), ...); }(std::make_integer_sequence<int, 20>{});
  [&]<int... N>(std::integer_sequence<int, N...>) { (all<symlet<N + 2>>(j, c), ...); }(std::make_integer_sequence<int, 19>{});
  [&]<int... N>(std::integer_sequence<int, N...>) { (all<coiflet<N + 1>>(j, c), ...); }(std::make_integer_sequence<int, 5>{});
  const auto both = [&]<int R, int... D>(std::integer_sequence<int, R>, std::integer_sequence<int, D...>) { (all<biorthogonal<R, D>>(j, c), ...), (all<reverse_biorthogonal<R, D>>(j, c), ...); };
  both(std::integer_sequence<int, 1>{}, std::integer_sequence<int, 1, 3, 5>{});
  both(std::integer_sequence<int, 2>{}, std::integer_sequence<int, 2, 4, 6, 8>{});
  both(std::integer_sequence<int, 3>{}, std::integer_sequence<int, 1, 3, 5, 7, 9>{});
  both(std::integer_sequence<int, 4>{}, std::integer_sequence<int, 4>{});
  both(std::integer_sequence<int, 5>{}, std::integer_sequence<int, 5>{});
  both(std::integer_sequence<int, 6>{}, std::integer_sequence<int, 8>{});
}
