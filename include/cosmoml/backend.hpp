// SPDX-License-Identifier: BSL-1.0
// The backends that need no other library. thrust.hpp is included by those who use it.
#pragma once
#include <cosmoml/backend/concept.hpp>
#include <cosmoml/backend/native.hpp>
#include <cosmoml/backend/reference.hpp>
