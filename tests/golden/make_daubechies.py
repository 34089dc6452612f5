#!/usr/bin/env python3
"""Prints include/cosmoml/wavelet/daubechies.hpp: the decomposition low-pass filters db1 ... db20 as PyWavelets tabulates them
(Daubechies 1988). Needs PyWavelets 1.8. The other three filters of each wavelet follow from this one."""
import pywt

print('''// SPDX-License-Identifier: BSL-1.0
// Made by tests/golden/make_daubechies.py.
#pragma once
#include <cosmoml/wavelet/wavelet.hpp>

namespace cosmoml::inline COSMOML_ABI::wavelet {

// The extremal-phase wavelets of Daubechies (1988) with N vanishing moments and 2 N taps, N = 1 ... 20: PyWavelets' dbN.
template <int N>
struct daubechies {
  static_assert(N >= 1 && N <= 20, "cosmoml: daubechies<N> is known for N from 1 to 20");
};
''')
for n in range(1, 21):
    taps = pywt.Wavelet(f"db{n}").dec_lo
    rows = [", ".join(repr(float(v)) for v in taps[i:i + 4]) for i in range(0, len(taps), 4)]
    print(f"template <>\nstruct daubechies<{n}> : orthonormal<daubechies<{n}>, {2 * n}> {{\n  static constexpr const char* name = \"db{n}\";")
    print(f"  static constexpr std::array<double, {2 * n}> low{{\n      " + ",\n      ".join(rows) + "};\n};")
print('''
// db1.
using haar = daubechies<1>;

}''')
