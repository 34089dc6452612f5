// expect: two layers that are shared under one name differ, or take inputs for which their parameters differ; give one of them another name
// shows: dense<5>
// cure: one width under one name, or two names
#include <cosmoml/backend/reference.hpp>
#include <cosmoml/nn.hpp>
using namespace cosmoml::nn;
using B = cosmoml::backend::reference<float>;
using net = sequential<input<4>, shared<"code", dense<4>>, relu, shared<"code", dense<5>>>;
int main() {
  model<net, B> m(cosmoml::key{1});
  m.forward();
}
