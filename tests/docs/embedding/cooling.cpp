// The one translation unit of the simulation that includes the library.
// region: unit
#include "cooling.h"

#include <cosmoml/backend/native.hpp>
#include <cosmoml/io/state_dict.hpp>
#include <cosmoml/nn.hpp>

#include <cstdio>
#include <memory>
#include <vector>

using namespace cosmoml;
using net = nn::sequential<nn::input<4>, nn::dense<32>, nn::relu, nn::dense<32>, nn::relu, nn::dense<2>>;
using network = nn::model<net, backend::native<float>, mode::inference>;

struct cooling {
  network model{key{}};
  std::vector<network::workspace> own;   // one a thread
};

cooling* cooling_open(const char* weights, int threads, char* message, int room) try {
  auto c = std::make_unique<cooling>();
  io::load_weights(weights, c->model);
  for (int t = 0; t < threads; ++t) c->own.emplace_back(c->model, nn::inference_options{.max_batch = 256});
  return c.release();
} catch (const std::exception& e) {
  std::snprintf(message, std::size_t(room), "%s", e.what());
  return nullptr;
}

int cooling_rates(cooling* c, int thread, long cells, long apart, const double* state, double* rate) try {
  ndview<const double> in(state, cells, 4);
  ndview<double> out(rate, cells, 2);
  in.stride[0] = out.stride[0] = 1;       // Fortran order: cells are neighbours in memory
  in.stride[1] = out.stride[1] = apart;
  c->model.predict_into(c->own[std::size_t(thread)], in, out);
  return 0;
} catch (const error&) {
  return 1;
}

void cooling_close(cooling* c) { delete c; }
// end region
