#define COSMOML_VECTOR_BYTES 16
#include <cosmoml/backend/native.hpp>

#include "backend/exchange.hpp"

static_assert(cosmoml::kernels::lanes<float> == 4, "vectors of 16 bytes");
std::vector<double> run_at_16(const std::vector<double>& p, int steps) { return exchange::run<cosmoml::backend::native<float>>(p, steps); }
