// region: instantiation
#include "cooling_model.hpp"

template class cosmoml::nn::model<cooling_net, cosmoml::backend::native<float>>;
// end region
