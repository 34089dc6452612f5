// SPDX-License-Identifier: BSL-1.0
#include "../support.hpp"

#include <cosmoml/papers/halo_formation.hpp>
#include <cosmoml/papers/halo_profiles.hpp>

using namespace cosmoml;
using B = backend::native<float>;

template <class Net>
void train_net(benchmark::State& s) {
  benchmarks::train_step<Net, B>(s);
}
template <class Net>
void predict_net(benchmark::State& s) {
  benchmarks::predict<Net, B>(s);
}
using halo3d_75 = papers::halo_formation::paper;
using halo3d_37 = papers::halo_formation::medium;
using halo3d_19 = papers::halo_formation::small;
using ive_encoder_32 = papers::halo_profiles::encoder<32, 3>;
BENCHMARK(train_net<halo3d_75>)->Name("halo3d_75_train")->Arg(2)->Unit(benchmark::kMillisecond);
BENCHMARK(predict_net<halo3d_75>)->Name("halo3d_75_predict")->Arg(2)->Arg(1)->Unit(benchmark::kMillisecond);
BENCHMARK(train_net<halo3d_37>)->Name("halo3d_37_train")->Arg(16)->Unit(benchmark::kMillisecond);
BENCHMARK(predict_net<halo3d_37>)->Name("halo3d_37_predict")->Arg(16)->Arg(1)->Unit(benchmark::kMillisecond);
BENCHMARK(train_net<halo3d_19>)->Name("halo3d_19_train")->Arg(64)->Unit(benchmark::kMillisecond);
BENCHMARK(predict_net<halo3d_19>)->Name("halo3d_19_predict")->Arg(64)->Arg(1)->Unit(benchmark::kMillisecond);
BENCHMARK(train_net<ive_encoder_32>)->Name("ive_encoder_32_train")->Arg(16)->Unit(benchmark::kMillisecond);
BENCHMARK(predict_net<ive_encoder_32>)->Name("ive_encoder_32_predict")->Arg(16)->Arg(1)->Unit(benchmark::kMillisecond);
