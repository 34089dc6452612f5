// expect: two layers that are shared under one name differ, or take inputs for which their parameters differ; give one of them another name
// shows: dense<5>
// cure: two names: the first use sees 4 features, the second 5
#include <cosmoml/backend/reference.hpp>
#include <cosmoml/nn.hpp>
using namespace cosmoml::nn;
using B = cosmoml::backend::reference<float>;
using net = sequential<input<4>, residual<sequential<shared<"code", dense<5>>, relu, shared<"code", dense<5>>, dense<4>>>>;
int main() {
  model<net, B> m(cosmoml::key{1});
  m.forward();
}
