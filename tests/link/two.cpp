#include <cosmoml/cosmoml.hpp>

using net = cosmoml::nn::sequential<cosmoml::nn::input<3>, cosmoml::nn::dense<5>, cosmoml::nn::relu, cosmoml::nn::dense<2>>;

float other(cosmoml::nn::model<net, cosmoml::backend::native<float>>& m) {
  const std::vector<float> x{1, 2, 3};
  return m.predict(x)[0];
}
