// expect: dense takes one axis per sample; put flatten before it
// shows: at<1, dense<10> >, after<0, relu>, shape<1, 28, 28>
// cure: `sequential<input<1, 28, 28>, relu, flatten, dense<10>, ...>`
#include <cosmoml/backend/reference.hpp>
#include <cosmoml/nn.hpp>
using namespace cosmoml::nn;
using B = cosmoml::backend::reference<float>;
using net = sequential<input<1, 28, 28>, relu, dense<10>, relu, dense<2>>;
int main() {
  model<net, B> m(cosmoml::key{1});
  std::vector<float> x(28 * 28);
  const auto y = m.predict(x);
  return int(y[0]);
}
