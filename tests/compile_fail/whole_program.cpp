// expect: dense takes one axis per sample; put flatten before it
// shows: at<0, dense<32> >, after<-1, input<2, 1> >, shape<2, 1>
// cure: `flatten` before `dense`, or `input<2>` for flat samples: the whole program around it adds no second error
#include <cosmoml/backend/native.hpp>
#include <cosmoml/nn.hpp>
#include <cosmoml/optim.hpp>
#include <cosmoml/train.hpp>

using namespace cosmoml;
using namespace cosmoml::nn;
using net = sequential<input<2, 1>, dense<32>, relu, dense<2>>;
using B = backend::native<float>;

int main() {
  ndarray<float> points(1000, 2);
  std::vector<int> inside(1000);
  model<net, B> m(key{2});
  const auto data = train::pair_up(points, inside);
  train::fit(m, data, cross_entropy{}, optim::adam{{.learning_rate = 1e-2}}, {.epochs = 50});
  train::progress_bar bar("training");
  const auto report = train::fit(m, data, data, cross_entropy{}, optim::sgd{{}}, {.epochs = 5, .shuffle = false}, bar);
  m.load(points);
  m.forward();
  m.zero_gradients();
  m.backward();
  optim::adam::state<B> moments(m.stored_count);
  optim::adam{{}}.step<B>(m.context(), m.parameters().data(), m.gradients().data(), moments, m.stored_count);
  model<net, B, mode::inference> copy(m, {.max_batch = 64});
  const double accuracy = train::confusion(inside, train::most_likely(copy.predict(points)), 2).accuracy();
  std::printf("%saccuracy %.3f, %td parameters\n", m.summary().c_str(), accuracy, m.parameter_count);
  m.fields([](const std::string& path, const auto&, auto) { std::puts(path.c_str()); });
  return report.history.size() == 5 && m.canonical_parameters().size() > 0 ? 0 : 1;
}
