// SPDX-License-Identifier: BSL-1.0
// Files. gzip needs zlib.
#pragma once
#include <cosmoml/io/cifar.hpp>
#include <cosmoml/io/csv.hpp>
#include <cosmoml/io/file.hpp>
#include <cosmoml/io/idx.hpp>
#include <cosmoml/io/npy.hpp>
#include <cosmoml/io/npy_file.hpp>
#include <cosmoml/io/npz.hpp>
#include <cosmoml/io/safetensors.hpp>
#include <cosmoml/io/state_dict.hpp>
