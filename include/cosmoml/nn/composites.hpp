// SPDX-License-Identifier: BSL-1.0
#pragma once
#include <cosmoml/nn/identity.hpp>
#include <cosmoml/nn/parallel.hpp>

namespace cosmoml::inline COSMOML_ABI::nn {

// A level of a U-net: what Down gives goes through Inner and past it; the two are joined, Inner's first, and go through Up. Levels nest:
// Inner is the next one.
template <join Join, class Down, class Inner, class Up>
using skip = sequential<Down, parallel<Join, Inner, identity>, Up>;

// Several outputs of one network: heads<named<"mean", ...>, named<"variance", ...>>. A prediction holds them one after the other; see
// parallel's `place`.
template <class... Head>
using heads = parallel<join::flat, Head...>;

// Branches on inputs of their own, joined: merge<join::concatenate, sequential<from<data, "image">, ...>, from<data, "radius">>.
template <join Join, class... Branch>
using merge = parallel<Join, Branch...>;

}
