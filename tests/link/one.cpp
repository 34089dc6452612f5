// Two translation units with everything in both: nothing is defined twice, and both see the same model.
#include <cosmoml/cosmoml.hpp>

using net = cosmoml::nn::sequential<cosmoml::nn::input<3>, cosmoml::nn::dense<5>, cosmoml::nn::relu, cosmoml::nn::dense<2>>;
float other(cosmoml::nn::model<net, cosmoml::backend::native<float>>& m);

int main() {
  cosmoml::nn::model<net, cosmoml::backend::native<float>> m(cosmoml::key{1});
  const std::vector<float> x{1, 2, 3};
  return m.predict(x)[0] == other(m) ? 0 : 1;
}
