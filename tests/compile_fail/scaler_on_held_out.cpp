// expect: cosmoml: a scaler learns from training rows alone, or held-out samples leak into the training; give it split.training
// shows: standard_scaler
// cure: `standard_scaler s(x, split.training)`, then `s.transform` of both
#include <cosmoml/train/standard_scaler.hpp>

int main() {
  const cosmoml::ndarray<float> x(8, 2);
  const auto split = cosmoml::train::hold_out(8, 0.25, cosmoml::key{1});
  const cosmoml::train::standard_scaler s(x, split.held_out);   // wrong
}
