// SPDX-License-Identifier: BSL-1.0
// What the extern templates of uses_model_extern.cpp leave to one translation unit.
#include "uses_model.cpp"

template class cosmoml::nn::model<net, backend::native<float>>;
template class cosmoml::nn::model<net, backend::native<float>, mode::inference>;
