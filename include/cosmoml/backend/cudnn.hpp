// SPDX-License-Identifier: BSL-1.0
// For nvcc, where cuDNN was found (the component thrust_cuda says so); else there is nothing in it.
#pragma once
#if defined(__CUDACC__) && defined(COSMOML_HAS_CUDNN)
#include <cosmoml/core/convolution_geometry.hpp>
#include <cosmoml/core/error.hpp>

#include <cudnn.h>

#include <utility>
#include <vector>

namespace cosmoml::inline COSMOML_ABI::exec::cudnn {

inline void check(cudnnStatus_t status, const char* asked) {
  if (status == CUDNN_STATUS_SUCCESS) return;
  throw backend_error(asked, cudnnGetErrorString(status), "check that a device is present, that it has free memory and that cuDNN is as new as the toolkit; -DCOSMOML_CUDNN=OFF does without it");
}

template <class S>
constexpr cudnnDataType_t type_of = sizeof(S) == 4 ? CUDNN_DATA_FLOAT : CUDNN_DATA_DOUBLE;

template <class D, cudnnStatus_t (*Create)(D*), cudnnStatus_t (*Destroy)(D)>
class descriptor {
public:
  descriptor() { check(Create(&d_), "making a descriptor of cuDNN's"); }
  descriptor(descriptor&& other) noexcept : d_(std::exchange(other.d_, nullptr)) {}
  descriptor& operator=(descriptor other) noexcept {
    std::swap(d_, other.d_);
    return *this;
  }
  ~descriptor() {
    if (d_) Destroy(d_);
  }
  operator D() const { return d_; }

private:
  D d_ = nullptr;
};
using tensor = descriptor<cudnnTensorDescriptor_t, cudnnCreateTensorDescriptor, cudnnDestroyTensorDescriptor>;
using filter = descriptor<cudnnFilterDescriptor_t, cudnnCreateFilterDescriptor, cudnnDestroyFilterDescriptor>;
using operation = descriptor<cudnnConvolutionDescriptor_t, cudnnCreateConvolutionDescriptor, cudnnDestroyConvolutionDescriptor>;

// Does cuDNN know this geometry? It pads with zeros, as many behind a map as before it.
constexpr bool knows(const convolution_geometry& g) {
  if (g.edge != edge::zeros) return false;
  for (int a = 0; a < g.axes; ++a)
    if (convolved(g.in[a], g.kernel[a], g.stride[a], g.dilation[a], g.before[a], g.before[a]) != g.out[a]) return false;
  return true;
}
// The same convolution of a copy of the map that holds what is read and nothing else, borders included: without padding.
constexpr convolution_geometry windowed(convolution_geometry g) {
  for (int a = 0; a < g.axes; ++a) {
    g.in[a] = (g.out[a] - 1) * g.stride[a] + (g.kernel[a] - 1) * g.dilation[a] + 1;
    g.before[a] = g.after[a] = 0;
  }
  g.edge = edge::zeros;
  return g;
}

// What tells one convolution of a context from another. Steps are from sample to sample.
struct request {
  index_t batch = 0, x_step = 0, y_step = 0;
  int pass = 0;
  cudnnDataType_t type = CUDNN_DATA_FLOAT;
  bool direct = false;   // plain sums of products
  bool tf32 = false;     // factors of floats may be rounded to ten bits
  convolution_geometry g;
  bool operator==(const request&) const = default;
};

// A request in cuDNN's words: maps (sample, channel, spatial axes ...) each sample of which is one run, filters as PyTorch orders them.
// One axis is the second of two, as in PyTorch: kernels run over rows.
struct described {
  tensor x, y;
  filter w;
  operation c;

  explicit described(const request& r) {
    const convolution_geometry& g = r.g;
    const int axes = g.axes < 2 ? 2 : g.axes;
    int pad[3], stride[3], dilation[3], kernel[5] = {g.out_channels, g.group_in()}, in[3], out[3];
    for (int a = 0; a < axes; ++a) {
      const int at = g.axes == 1 ? 1 - a : a;   // axes that are not there have extents of one
      pad[a] = g.before[at], stride[a] = g.stride[at], dilation[a] = g.dilation[at], kernel[2 + a] = g.kernel[at], in[a] = g.in[at], out[a] = g.out[at];
    }
    maps(x, r, r.x_step, g.in_channels, axes, in);
    maps(y, r, r.y_step, g.out_channels, axes, out);
    check(cudnnSetFilterNdDescriptor(w, r.type, CUDNN_TENSOR_NCHW, axes + 2, kernel), "describing a filter to cuDNN");
    check(cudnnSetConvolutionNdDescriptor(c, axes, pad, stride, dilation, CUDNN_CROSS_CORRELATION, r.type), "describing a convolution to cuDNN");
    check(cudnnSetConvolutionGroupCount(c, g.groups), "telling cuDNN the groups of a convolution");
    // The default of recent devices is TF32.
    check(cudnnSetConvolutionMathType(c, r.type == CUDNN_DATA_FLOAT && !r.tf32 ? CUDNN_FMA_MATH : CUDNN_DEFAULT_MATH), "telling cuDNN how to multiply");
  }

private:
  static void maps(const tensor& t, const request& r, index_t step, int channels, int axes, const int* extent) {
    int dim[5] = {int(r.batch), channels}, between[5], run = 1;
    for (int a = 0; a < axes; ++a) dim[2 + a] = extent[a];
    for (int a = axes + 1; a > 0; --a) between[a] = run, run *= dim[a];
    between[0] = r.batch == 1 ? run : int(step);   // one sample is packed, wherever the next would be
    check(cudnnSetTensorNdDescriptor(t, r.type, axes + 2, dim, between), "describing maps to cuDNN");
  }
};

// A request with the algorithm for it.
struct plan {
  request of;
  described in_words;
  int algorithm;
  std::size_t workspace;
};

// The three passes, each as cuDNN calls it. `exact` says whether an algorithm forms plain sums of products.
struct forward {
  static constexpr int number = 0, most = CUDNN_CONVOLUTION_FWD_ALGO_COUNT;
  static constexpr bool reads_x = true, adds = false;
  using algorithm = cudnnConvolutionFwdAlgo_t;
  using found = cudnnConvolutionFwdAlgoPerf_t;
  static bool exact(algorithm a) {
    return a != CUDNN_CONVOLUTION_FWD_ALGO_FFT && a != CUDNN_CONVOLUTION_FWD_ALGO_FFT_TILING && a != CUDNN_CONVOLUTION_FWD_ALGO_WINOGRAD && a != CUDNN_CONVOLUTION_FWD_ALGO_WINOGRAD_NONFUSED;
  }
  static cudnnStatus_t find(cudnnHandle_t h, const described& d, int* count, found* f) { return cudnnGetConvolutionForwardAlgorithm_v7(h, d.x, d.w, d.c, d.y, most, count, f); }
  static cudnnStatus_t size(cudnnHandle_t h, const described& d, algorithm a, std::size_t* bytes) { return cudnnGetConvolutionForwardWorkspaceSize(h, d.x, d.w, d.c, d.y, a, bytes); }
  static cudnnStatus_t run(cudnnHandle_t h, const plan& p, const void* one, const void* x, const void* w, void* y, void* memory, const void* before) {
    const described& d = p.in_words;
    return cudnnConvolutionForward(h, one, d.x, x, d.w, w, d.c, algorithm(p.algorithm), memory, p.workspace, before, d.y, y);
  }
};
struct input_adjoint {
  static constexpr int number = 1, most = CUDNN_CONVOLUTION_BWD_DATA_ALGO_COUNT;
  static constexpr bool reads_x = false, adds = false;
  using algorithm = cudnnConvolutionBwdDataAlgo_t;
  using found = cudnnConvolutionBwdDataAlgoPerf_t;
  static bool exact(algorithm a) { return a == CUDNN_CONVOLUTION_BWD_DATA_ALGO_0 || a == CUDNN_CONVOLUTION_BWD_DATA_ALGO_1; }
  static cudnnStatus_t find(cudnnHandle_t h, const described& d, int* count, found* f) { return cudnnGetConvolutionBackwardDataAlgorithm_v7(h, d.w, d.y, d.c, d.x, most, count, f); }
  static cudnnStatus_t size(cudnnHandle_t h, const described& d, algorithm a, std::size_t* bytes) { return cudnnGetConvolutionBackwardDataWorkspaceSize(h, d.w, d.y, d.c, d.x, a, bytes); }
  static cudnnStatus_t run(cudnnHandle_t h, const plan& p, const void* one, void* dx, const void* w, const void* dy, void* memory, const void* before) {
    const described& d = p.in_words;
    return cudnnConvolutionBackwardData(h, one, d.w, w, d.y, dy, d.c, algorithm(p.algorithm), memory, p.workspace, before, d.x, dx);
  }
};
struct weight_adjoint {
  static constexpr int number = 2, most = CUDNN_CONVOLUTION_BWD_FILTER_ALGO_COUNT;
  static constexpr bool reads_x = true, adds = true;
  using algorithm = cudnnConvolutionBwdFilterAlgo_t;
  using found = cudnnConvolutionBwdFilterAlgoPerf_t;
  static bool exact(algorithm a) { return a == CUDNN_CONVOLUTION_BWD_FILTER_ALGO_0 || a == CUDNN_CONVOLUTION_BWD_FILTER_ALGO_1 || a == CUDNN_CONVOLUTION_BWD_FILTER_ALGO_3; }
  static cudnnStatus_t find(cudnnHandle_t h, const described& d, int* count, found* f) { return cudnnGetConvolutionBackwardFilterAlgorithm_v7(h, d.x, d.y, d.c, d.w, most, count, f); }
  static cudnnStatus_t size(cudnnHandle_t h, const described& d, algorithm a, std::size_t* bytes) { return cudnnGetConvolutionBackwardFilterWorkspaceSize(h, d.x, d.y, d.c, d.w, a, bytes); }
  static cudnnStatus_t run(cudnnHandle_t h, const plan& p, const void* one, const void* x, void* dw, const void* dy, void* memory, const void* before) {
    const described& d = p.in_words;
    return cudnnConvolutionBackwardFilter(h, one, d.x, x, d.y, dy, d.c, algorithm(p.algorithm), memory, p.workspace, before, d.w, dw);
  }
};

// cuDNN's handle and what was found out for the convolutions of one context; made when first needed.
class library {
public:
  library() = default;
  library(library&& other) noexcept { swap(other); }
  library& operator=(library other) noexcept {
    swap(other);
    return *this;
  }
  ~library() {
    if (handle_) cudnnDestroy(handle_);
  }
  void swap(library& other) noexcept {
    std::swap(handle_, other.handle_);
    std::swap(stream_, other.stream_);
    std::swap(plans_, other.plans_);
  }

  cudnnHandle_t on(cudaStream_t stream) {
    if (!handle_) check(cudnnCreate(&handle_), "starting cuDNN");
    if (stream != stream_) check(cudnnSetStream(handle_, stream), "giving cuDNN a stream");
    stream_ = stream;
    return handle_;
  }
  // What has begun moves to a stream.
  void follow(cudaStream_t stream) {
    if (handle_) on(stream);
  }
  // cuDNN's own forecast of the fastest algorithm, among those that give the same bits every time if there are any. It is asked once, so that
  // a step that is recorded has the algorithms, and the workspace, of the one before. Valid until the next call.
  template <class Pass>
  const plan& plan_for(const request& r) {
    for (const plan& p : plans_)
      if (p.of == r) return p;
    if (plans_.size() >= most_plans) plans_.clear();
    described d(r);
    typename Pass::found found[Pass::most];
    int count = 0;
    check(Pass::find(handle_, d, &count, found), "asking cuDNN for a convolution");
    for (const bool any : {false, true})
      for (int i = 0; i < count; ++i) {
        std::size_t bytes = 0;
        if (found[i].status != CUDNN_STATUS_SUCCESS || (!any && found[i].determinism != CUDNN_DETERMINISTIC) || (r.direct && !Pass::exact(found[i].algo))) continue;
        if (Pass::size(handle_, d, found[i].algo, &bytes) != CUDNN_STATUS_SUCCESS || bytes > most_workspace) continue;
        plans_.push_back({r, std::move(d), int(found[i].algo), bytes});
        return plans_.back();
      }
    throw backend_error("asking cuDNN for a convolution", "it has none for this geometry", "configure with -DCOSMOML_CUDNN=OFF, so that the library's own loop is taken");
  }

private:
  static constexpr std::size_t most_workspace = std::size_t(512) << 20, most_plans = 1024;   // batches of every size would make more and more
  cudnnHandle_t handle_ = nullptr;
  cudaStream_t stream_ = nullptr;
  std::vector<plan> plans_;
};

}
#elif defined(__CUDACC__)
#include <cosmoml/config.hpp>

#include <cuda_runtime.h>

namespace cosmoml::inline COSMOML_ABI::exec::cudnn {
struct library {
  void swap(library&) noexcept {}
  void follow(cudaStream_t) {}
};
}
#endif
