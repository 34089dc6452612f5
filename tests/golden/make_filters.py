#!/usr/bin/env python3
"""Writes the filters of include/cosmoml/wavelet/: daubechies.hpp, symlet.hpp, coiflet.hpp, biorthogonal.hpp, as PyWavelets tabulates
them. Needs PyWavelets 1.8. One filter of an orthonormal wavelet, two of a biorthogonal one, determine the rest."""
import os
import pywt

folder = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../include/cosmoml/wavelet")
HEAD = '''// SPDX-License-Identifier: BSL-1.0
// Made by tests/golden/make_filters.py.
#pragma once
#include <cosmoml/wavelet/wavelet.hpp>

namespace cosmoml::inline COSMOML_ABI::wavelet {

'''


def numbers(name, taps):
    rows = [", ".join(repr(float(v)) for v in taps[i:i + 4]) for i in range(0, len(taps), 4)]
    return f"  static constexpr std::array<double, {len(taps)}> {name}{{\n      " + ",\n      ".join(rows) + "};\n"


def orthonormal(file, type, short, orders, text, tail=""):
    out = HEAD + text
    for n in orders:
        low = pywt.Wavelet(f"{short}{n}").dec_lo
        out += f"template <>\nstruct {type}<{n}> : orthonormal<{type}<{n}>, {len(low)}> {{\n  static constexpr const char* name = \"{short}{n}\";\n"
        out += numbers("low", low) + "};\n"
    open(f"{folder}/{file}.hpp", "w").write(out + tail + "\n}\n")


def biorthogonal():
    out = HEAD + '''// The biorthogonal spline wavelets of Cohen, Daubechies and Feauveau (1992): PyWavelets' biorR.D, with R vanishing moments for
// reconstruction and D for decomposition. Filters are padded with zeros to the same even length.
template <int R, int D>
struct biorthogonal {
  static_assert(R < 0, "cosmoml: biorthogonal<R, D> is known for 1,1 1,3 1,5 2,2 2,4 2,6 2,8 3,1 3,3 3,5 3,7 3,9 4,4 5,5 and 6,8");
};
// Its filters of decomposition and reconstruction exchanged: PyWavelets' rbioR.D.
template <int R, int D>
struct reverse_biorthogonal {
  static_assert(R < 0, "cosmoml: reverse_biorthogonal<R, D> is known for the numbers for which biorthogonal<R, D> is");
};

'''
    for name in pywt.wavelist("bior"):
        w = pywt.Wavelet(name)
        args, taps = name[4:].replace(".", ", "), w.dec_len
        out += f"template <>\nstruct biorthogonal<{args}> : dual<biorthogonal<{args}>, {taps}> {{\n  static constexpr const char* name = \"{name}\";\n"
        out += numbers("low", w.dec_lo) + numbers("dual_low", w.rec_lo) + "};\n"
        out += f"template <>\nstruct reverse_biorthogonal<{args}> : reversed_dual<reverse_biorthogonal<{args}>, biorthogonal<{args}>> {{\n"
        out += f"  static constexpr const char* name = \"r{name.replace('bior', 'bio')}\";\n}};\n"
    open(f"{folder}/biorthogonal.hpp", "w").write(out + "\n}\n")


def primary(type, least, most, text):
    return f'''{text}
template <int N>
struct {type} {{
  static_assert(N >= {least} && N <= {most}, "cosmoml: {type}<N> is known for N from {least} to {most}");
}};

'''


orthonormal("daubechies", "daubechies", "db", range(1, 21), primary("daubechies", 1, 20,
            "// The extremal-phase wavelets of Daubechies (1988) with N vanishing moments and 2 N taps, N = 1 ... 20: PyWavelets' dbN."),
            "\n// db1.\nusing haar = daubechies<1>;\n")
orthonormal("symlet", "symlet", "sym", range(2, 21), primary("symlet", 2, 20,
            "// The least asymmetric wavelets of Daubechies with N vanishing moments and 2 N taps, N = 2 ... 20: PyWavelets' symN."))
orthonormal("coiflet", "coiflet", "coif", range(1, 6), primary("coiflet", 1, 5,
            "// Coiflets: 2 N vanishing moments of the wavelet, 2 N - 1 of the scaling function, 6 N taps, N = 1 ... 5: PyWavelets' coifN."))
biorthogonal()
