// SPDX-License-Identifier: BSL-1.0
// How far Winograd's convolutions are from double, at the full shapes of the papers' layers: max|error| / rms of each pass, beside that of
// a direct sum in float, each a mean over five keys. The judge is a direct sum in double, which the tests hold against brute force. Ends with
// status 1 where an error is above 2e-4 or above ten times the direct sum's.
#include "support/convolution_errors.hpp"

#include <cstdio>

using namespace tests;

namespace {

constexpr int keys = 5;
bool sound = true;

template <class Case>
void add(const char* network, const char* sizes, int batch) {
  const convolution_errors e = errors_of_convolution<Case>(batch, keys);
  std::printf("%-16s %-24s %5d", network, sizes, batch);
  for (int p = 0; p < 3; ++p) {
    const double ours = e.planned[p], direct = e.direct[p];
    const bool within = ours <= 2e-4 && ours <= 10 * direct;
    sound = sound && within;
    std::printf("   %8.1e %8.1e %4.1f%s", ours, direct, ours / direct, within ? " " : "!");
  }
  std::printf("\n");
  std::fflush(stdout);
}

}

int main() {
  std::printf("max|error| / rms against double, mean of %d keys: Winograd, direct sum, ratio of the two\n", keys);
  std::printf("%-16s %-24s %5s   %-24s    %-24s    %s\n", "network", "layer", "batch", "forward", "input adjoint", "weight adjoint");
  add<convolution_case<64, 64, 2, 25, 3>>("resnet18_100", "64-64, 25 x 25, 3", 32);
  add<convolution_case<128, 128, 2, 13, 3>>("resnet18_100", "128-128, 13 x 13, 3", 32);
  add<convolution_case<256, 256, 2, 7, 3>>("resnet18_100", "256-256, 7 x 7, 3", 32);
  add<convolution_case<512, 512, 2, 4, 3>>("resnet18_100", "512-512, 4 x 4, 3", 32);
  add<convolution_case<64, 64, 2, 56, 3>>("resnet50_224", "64-64, 56 x 56, 3", 8);
  add<convolution_case<128, 128, 2, 28, 3>>("resnet50_224", "128-128, 28 x 28, 3", 8);
  add<convolution_case<256, 256, 2, 14, 3>>("resnet50_224", "256-256, 14 x 14, 3", 8);
  add<convolution_case<512, 512, 2, 7, 3>>("resnet50_224", "512-512, 7 x 7, 3", 8);
  add<convolution_case<16, 32, 2, 25, 3>>("convnet_100", "16-32, 25 x 25, 3", 128);
  add<convolution_case<64, 64, 2, 8, 3>>("deepsz_32", "64-64, 8 x 8, 3", 64);
  add<convolution_case<128, 128, 2, 4, 3>>("deepsz_32", "128-128, 4 x 4, 3", 64);
  add<convolution_case<256, 256, 2, 2, 3>>("deepsz_32", "256-256, 2 x 2, 3", 64);
  add<convolution_case<128, 64, 2, 128, 5>>("resunet_128", "128-64, 128 x 128, 5", 4);
  add<convolution_case<256, 128, 2, 64, 5>>("resunet_128", "256-128, 64 x 64, 5", 4);
  add<convolution_case<64, 64, 2, 128, 5>>("resunet_128", "64-64, 128 x 128, 5", 4);
  add<convolution_case<128, 128, 2, 64, 5>>("resunet_128", "128-128, 64 x 64, 5", 4);
  add<convolution_case<32, 32, 3, 75, 3>>("halo3d_75", "32-32, 75 x 75 x 75, 3", 2);
  add<convolution_case<32, 64, 3, 38, 3>>("halo3d_75", "32-64, 38 x 38 x 38, 3", 2);
  add<convolution_case<64, 128, 3, 19, 3>>("halo3d_75", "64-128, 19 x 19 x 19, 3", 2);
  add<convolution_case<128, 128, 3, 10, 3>>("halo3d_75", "128-128, 10 x 10 x 10, 3", 2);
  add<convolution_case<128, 128, 3, 5, 3>>("halo3d_75", "128-128, 5 x 5 x 5, 3", 2);
  add<convolution_case<16, 16, 3, 37, 3>>("halo3d_37", "16-16, 37 x 37 x 37, 3", 16);
  add<convolution_case<16, 32, 3, 19, 3>>("halo3d_37", "16-32, 19 x 19 x 19, 3", 16);
  add<convolution_case<32, 64, 3, 10, 3>>("halo3d_37", "32-64, 10 x 10 x 10, 3", 16);
  add<convolution_case<16, 16, 3, 16, 3>>("ive_encoder_32", "16-16, 16 x 16 x 16, 3", 16);
  add<convolution_case<16, 32, 3, 8, 3>>("ive_encoder_32", "16-32, 8 x 8 x 8, 3", 16);
  add<convolution_case<32, 32, 3, 4, 3>>("ive_encoder_32", "32-32, 4 x 4 x 4, 3", 16);
  std::printf(sound ? "all within 2e-4 and ten times the direct sum's\n" : "! above 2e-4, or above ten times the direct sum's\n");
  return sound ? 0 : 1;
}
