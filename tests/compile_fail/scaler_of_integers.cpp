// expect: a scaler makes floating-point numbers; give it float or double
// shows: standard_scaler
// cure: `ndarray<float>`: what is scaled is no integer any more
#include <cosmoml/train/standard_scaler.hpp>

int main() {
  const cosmoml::ndarray<int> x(8, 2);
  const auto split = cosmoml::train::hold_out(8, 0.25, cosmoml::key{1});
  const cosmoml::train::standard_scaler s(x, split.training);
  return int(s.transform(x)[0]);   // wrong
}
