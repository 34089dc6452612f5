// The widest vectors of the target.
#if defined(__AVX512F__)
#define COSMOML_VECTOR_BYTES 64
#endif
#include <cosmoml/backend/native.hpp>

#include "backend/exchange.hpp"

std::vector<double> run_at_64(const std::vector<double>& p, int steps) { return exchange::run<cosmoml::backend::native<float>>(p, steps); }
