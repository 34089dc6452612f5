// SPDX-License-Identifier: BSL-1.0
// The version of the library. CMake reads these three numbers.
#pragma once

namespace cosmoml {

inline constexpr int version_major = 0;
inline constexpr int version_minor = 1;
inline constexpr int version_patch = 0;
inline constexpr const char* version = "0.1.0";

// Of checkpoint files (train/checkpoint.hpp): the same major version reads all of its lower minors. 1.0: the first.
inline constexpr int checkpoint_major = 1;
inline constexpr int checkpoint_minor = 0;

}
