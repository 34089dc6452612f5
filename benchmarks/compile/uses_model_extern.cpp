// SPDX-License-Identifier: BSL-1.0
#define COSMOML_BENCHMARK_EXTERN
#include "uses_model.cpp"
