#include <cosmoml/backend/native.hpp>
#include <cosmoml/io/idx.hpp>
#include <cosmoml/nn.hpp>
#include <cosmoml/version.hpp>

#include <cstdio>

int main() {
  using namespace cosmoml;
  nn::model<nn::sequential<nn::input<2>, nn::dense<3>>, backend::native<float>> m(key{1});
  const std::vector<float> x{1, 2};
  std::printf("cosmoml %s: %g\n", version, double(m.predict(x)[0]));
  try {
    io::read_idx("/nonexistent.gz");
  } catch (const io_error&) {
    return 0;
  }
  return 1;
}
