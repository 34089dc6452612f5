// SPDX-License-Identifier: BSL-1.0
// The library's only macros.
//
//   COSMOML_HD            marks a function that also runs on the device (empty without nvcc)
//   COSMOML_CHECKS        0: none, 1: sizes and arguments (default), 2: also guards against NaN
//   COSMOML_VECTOR_BYTES  width of native's vectors; a constant of the target, may be set to 64 where
//                         AVX-512 is at hand
//   COSMOML_HAS_CUDNN     convolutions on a GPU are cuDNN's; the component thrust_cuda defines it where cuDNN was found
//   COSMOML_ABI           inline namespace named after all of these and OpenMP. The same model would otherwise have one
//                         mangled name in objects whose types differ: .cpp and .cu, other -march, other checks.
//                         h1_32: host compiler, checks 1, vectors of 32 bytes; d...: nvcc, n...: with cuDNN; hp, dp, np: with OpenMP.
#pragma once

#if defined(__CUDACC__)
#define COSMOML_HD __host__ __device__
#define COSMOML_LANES constexpr   // of scalars on host and device, of vectors on the host alone: nvcc looks at vectors in functions of the device
#else
#define COSMOML_HD
#define COSMOML_LANES
#endif

#if !defined(COSMOML_CHECKS)
#define COSMOML_CHECKS 1
#endif

#if !defined(COSMOML_VECTOR_BYTES)
#if defined(__AVX__)
#define COSMOML_VECTOR_BYTES 32
#else
#define COSMOML_VECTOR_BYTES 16
#endif
#endif

#define COSMOML_ABI_PASTE(kind, checks, bytes) kind##checks##_##bytes
#define COSMOML_ABI_NAME(kind, checks, bytes) COSMOML_ABI_PASTE(kind, checks, bytes)
#if defined(__CUDACC__) && defined(COSMOML_HAS_CUDNN) && defined(_OPENMP)
#define COSMOML_ABI COSMOML_ABI_NAME(np, COSMOML_CHECKS, COSMOML_VECTOR_BYTES)
#elif defined(__CUDACC__) && defined(COSMOML_HAS_CUDNN)
#define COSMOML_ABI COSMOML_ABI_NAME(n, COSMOML_CHECKS, COSMOML_VECTOR_BYTES)
#elif defined(__CUDACC__) && defined(_OPENMP)
#define COSMOML_ABI COSMOML_ABI_NAME(dp, COSMOML_CHECKS, COSMOML_VECTOR_BYTES)
#elif defined(__CUDACC__)
#define COSMOML_ABI COSMOML_ABI_NAME(d, COSMOML_CHECKS, COSMOML_VECTOR_BYTES)
#elif defined(_OPENMP)
#define COSMOML_ABI COSMOML_ABI_NAME(hp, COSMOML_CHECKS, COSMOML_VECTOR_BYTES)
#else
#define COSMOML_ABI COSMOML_ABI_NAME(h, COSMOML_CHECKS, COSMOML_VECTOR_BYTES)
#endif
