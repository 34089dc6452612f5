// What training_bytes promises against what a training step takes from the heap.
#include <cosmoml/backend/native.hpp>
#include <cosmoml/nn.hpp>

#include <doctest/doctest.h>

#include <cstdlib>
#include <new>

using namespace cosmoml;
using namespace cosmoml::nn;

// The library's buffers, and nothing else here, are arrays of over-aligned memory.
namespace {
std::size_t held = 0;
}
void* operator new[](std::size_t n, std::align_val_t a) {
  const std::size_t rim = std::size_t(a);   // in front: how much it was
  char* const p = static_cast<char*>(std::aligned_alloc(rim, rim + (n + rim - 1) / rim * rim));
  if (!p) throw std::bad_alloc();
  *reinterpret_cast<std::size_t*>(p) = n;
  held += n;
  return p + rim;
}
void operator delete[](void* p, std::align_val_t a) noexcept {
  if (!p) return;
  char* const begin = static_cast<char*>(p) - std::size_t(a);
  held -= *reinterpret_cast<std::size_t*>(begin);
  std::free(begin);
}

namespace {
using S = float;
using B = backend::native<S>;

template <class Net>
void check(index_t batch, bool tiled) {
  CAPTURE(batch);
  ndarray<S> x(batch, Net::input_extents.size());
  const std::vector<int> labels(static_cast<std::size_t>(batch), 1);
  const std::size_t before = held;
  model<Net, B> m(key{1});
  m.load(x);
  m.zero_gradients();
  m.add_gradients(cross_entropy{}, labels.data(), static_cast<const S*>(nullptr), S(1) / S(batch));
  const training_memory promised = model<Net, B>::training_bytes(batch);
  CHECK((promised.gradients > promised.parameters) == tiled);
  // Contexts: one of the model, one of its own predictions, one of each group of tiles.
  const std::size_t scratch = std::size_t(m.context().workspace.size()) * sizeof(double);
  if (!tiled) CHECK(held - before == std::size_t(promised.total()) + scratch);
  else {   // the scratch memory of the groups is theirs
    CHECK(held - before >= std::size_t(promised.total()) + scratch);
    CHECK(double(held - before) < 1.1 * double(promised.total() + index_t(scratch)));
  }
}
}

TEST_CASE("nn/training_memory: dense layers, whole and in tiles") {
  check<sequential<input<30>, dense<50>, relu, dense<7>>>(5, false);
  check<sequential<input<30>, dense<500>, relu, dense<7>>>(20'000, true);
}
TEST_CASE("nn/training_memory: convolutions, norms, a residual, a shared layer") {
  constexpr conv_options box{.padding = same};
  check<sequential<input<3, 12, 11>, conv<20, 3, box>, batch_norm<>, relu, residual<sequential<shared<"c", conv<20, 3, box>>, relu, shared<"c", conv<20, 3, box>>>>, max_pool<2>, flatten, dense<4>>>(9, false);
}
