// expect: this layer declares no parameter, or no statistic, of that name
// shows: dense<7>
// cure: `get<"weight">()`: a name that `fields` of the layer declares
#include <cosmoml/backend/reference.hpp>
#include <cosmoml/nn.hpp>
using namespace cosmoml;
using B = backend::reference<float>;
int main() {
  float memory[64] = {};
  const auto p = nn::parameters_of<B, nn::dense<7>, shape<4>>(memory);
  p.get<"weights">();   // wrong
}
