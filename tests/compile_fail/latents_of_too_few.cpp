// expect: variational_loss takes flat predictions: the decoder's, then a mean and a log variance for each latent
// shows: variational_loss_rejects_predictions<3, shape<4>>
// cure: a network that ends in `heads<decoder, slice<0, 2 * Latents>>`, or fewer latents: here at least seven outputs for three
#include <cosmoml/backend/reference.hpp>
#include <cosmoml/nn.hpp>
#include <cosmoml/optim.hpp>
#include <cosmoml/train.hpp>
using namespace cosmoml;
using namespace cosmoml::nn;
int main() {
  const ndarray<float> x(8, 2), y(8, 1);
  model<sequential<input<2>, dense<4>>, backend::reference<float>> m(key{1});
  train::fit(m, train::pair_up(x, y), variational_loss<3>{}, optim::adam{});   // wrong
}
