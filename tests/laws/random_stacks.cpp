// Stacks of layers for maps, drawn at random: outputs and gradients on the tested backend are those of plain loops in double, with every
// rewrite and with none.
#include "support/passes.hpp"

using namespace cosmoml;
using namespace cosmoml::nn;

namespace {
constexpr std::uint64_t hashed(std::uint64_t x) {   // splitmix64
  x += 0x9e3779b97f4a7c15u;
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9u;
  x = (x ^ (x >> 27)) * 0x94d049bb133111ebu;
  return x ^ (x >> 31);
}
// Channels below, at and above whole vectors, and enough of them for Winograd's tiles.
constexpr int channels[] = {1, 3, 4, 7, 8, 9, 16, 17, 20, 32, 33, 40};
template <int C>
using same_conv = conv<C, 3, conv_options{.padding = 1}>;

// Layer number Kind, of C channels, behind In; `some` of the layers fit every shape, the others may not.
template <int Kind, int C, class In>
struct drawn;
template <int C, class In>
struct drawn<0, C, In> : std::type_identity<same_conv<C>> {};
template <int C, class In>
struct drawn<1, C, In> : std::type_identity<conv<C, 3, conv_options{.padding = 1, .edge = edge::periodic}>> {};
template <int C, class In>
struct drawn<2, C, In> : std::type_identity<conv<C, 5, conv_options{.padding = 2, .bias = false}>> {};
template <int C, class In>
struct drawn<3, C, In> : std::type_identity<conv<C, 1>> {};
template <int C, class In>
struct drawn<4, C, In> : std::type_identity<conv<C, 3, conv_options{.stride = 2, .padding = 1}>> {};
template <int C, class In>
struct drawn<5, C, In> : std::type_identity<conv<C, 3, conv_options{.padding = 2, .dilation = 2}>> {};
template <int C, class In>
struct drawn<6, C, In> : std::type_identity<conv<In::value[0] * (C % 2 + 1), 3, conv_options{.padding = 1, .groups = In::value[0]}>> {};
template <int C, class In>
struct drawn<7, C, In> : std::type_identity<conv_transpose<C, 2, conv_transpose_options{.stride = 2}>> {};
template <int C, class In>
struct drawn<8, C, In> : std::type_identity<sequential<batch_norm<>, relu>> {};
template <int C, class In>
struct drawn<9, C, In> : std::type_identity<leaky_relu<>> {};
template <int C, class In>
struct drawn<10, C, In> : std::type_identity<tanh_layer> {};
template <int C, class In>
struct drawn<11, C, In> : std::type_identity<max_pool<2, spatial_pool_options{.ceil = true}>> {};
template <int C, class In>
struct drawn<12, C, In> : std::type_identity<average_pool<3, spatial_pool_options{.stride = 2, .padding = 1}>> {};
template <int C, class In>
struct drawn<13, C, In> : std::type_identity<upsample<2>> {};
template <int C, class In>
struct drawn<14, C, In> : std::type_identity<upsample<2, upsample_options{.mode = interpolation::linear}>> {};
template <int C, class In>
struct drawn<15, C, In> : std::type_identity<residual<sequential<same_conv<C>, batch_norm<>, relu, same_conv<In::value[0]>>>> {};
template <int C, class In>
struct drawn<16, C, In> : std::type_identity<parallel<join::concatenate, same_conv<C>, sequential<same_conv<5>, relu>, identity>> {};
template <int C, class In>
struct drawn<17, C, In> : std::type_identity<skip<join::concatenate, identity, sequential<max_pool<2>, same_conv<C>, relu, upsample<2>>, same_conv<9>>> {};
template <int C, class In>
struct drawn<18, C, In> : std::type_identity<batch_norm<>> {};
template <int C, class In>
struct drawn<19, C, In> : std::type_identity<dropout<>> {};
constexpr int kinds = 20;

// Left more layers behind L...: what does not fit, or makes maps too large for plain loops, is a convolution instead.
template <std::uint64_t Seed, int Left, class... L>
struct stack {
  using so_far = typename sequential<L...>::output;
  static constexpr std::uint64_t word = hashed(Seed + std::uint64_t(Left));
  static constexpr int of = channels[(word >> 8) % std::size(channels)];
  using tried = typename drawn<int(word % kinds), of, so_far>::type;
  static constexpr extents after = tried::output(so_far::value);
  static constexpr bool fits = !after.is_broken() && after.size() <= 4000 && after.size() > after[0];
  using type = typename stack<Seed, Left - 1, L..., std::conditional_t<fits, tried, conv<of, 1>>>::type;
};
template <std::uint64_t Seed, class... L>
struct stack<Seed, 0, L...> {
  using type = sequential<L..., flatten, dense<3>>;
};
template <std::uint64_t Seed, class Input>
void check() {
  using net = typename stack<Seed * 1000, 6, Input, same_conv<channels[hashed(Seed) % std::size(channels)]>>::type;
  INFO(summary<net>());
  tests::near_plain_loops<net, tests::none>({9, 2});
}
}

TEST_CASE("laws/random_stacks: two axes") {
  check<1, input<3, 9, 7>>();
  check<2, input<1, 8, 6>>();
#if !defined(COSMOML_TEST_FEW)   // each is three models for the compiler
  check<3, input<17, 5, 6>>();
  check<4, input<8, 7, 7>>();
  check<5, input<2, 10, 8>>();
  check<6, input<4, 6, 9>>();
#endif
}
TEST_CASE("laws/random_stacks: one axis") {
  check<7, input<2, 19>>();
#if !defined(COSMOML_TEST_FEW)
  check<8, input<9, 12>>();
#endif
}
TEST_CASE("laws/random_stacks: three axes") {
  check<9, input<1, 5, 4, 6>>();
#if !defined(COSMOML_TEST_FEW)
  check<10, input<6, 4, 4, 3>>();
#endif
}
