// SPDX-License-Identifier: BSL-1.0
// For nvcc; empty for other compilers.
#pragma once
#if defined(__CUDACC__)
#include <cosmoml/backend/cudnn.hpp>
#include <cosmoml/core/error.hpp>
#include <cosmoml/core/extents.hpp>

#include <cub/device/device_reduce.cuh>
#include <cublas_v2.h>
#include <cuda_runtime.h>
#include <thrust/for_each.h>
#include <thrust/iterator/counting_iterator.h>
#include <thrust/iterator/transform_iterator.h>
#include <thrust/system/cuda/execution_policy.h>

#include <cmath>
#include <type_traits>
#include <utility>

namespace cosmoml::inline COSMOML_ABI::exec {

namespace cuda_functors {   // not members: nvcc's host code names them from outside
template <class F>
struct as_double {
  F f;
  COSMOML_HD double operator()(index_t i) const { return double(f(i)); }
};
template <class T>
struct assigned {
  T* p;
  T v;
  COSMOML_HD void operator()(index_t i) const { p[i] = v; }
};
}

// The executor of a GPU: memory by cudaMalloc, Thrust's algorithms and cuBLAS on a stream of the context's own.
//
// Order: within a context calls run one after the other. Copies from and to the host and the making of buffers wait for every context and are
// waited for by every context, so a model may be trained on one and read through another after a copy.
struct cuda {
  static constexpr const char *name_float = "thrust<float, cuda>", *name_double = "thrust<double, cuda>";

  static void check(cudaError_t status, const char* asked) {
    if (status == cudaSuccess) return;
    cudaGetLastError();   // it would be reported again by the next call
    throw backend_error(asked, text(cudaGetErrorName(status), ", ", cudaGetErrorString(status)),
                        status == cudaErrorMemoryAllocation ? "use a smaller batch or a device with more free memory"
                                                            : "check that a device is present and its driver is as new as the toolkit");
  }
  static void check(cublasStatus_t status, const char* asked) {
    if (status != CUBLAS_STATUS_SUCCESS) throw backend_error(asked, cublasGetStatusString(status), "check that a device is present and has free memory");
  }
  // How many devices there are; none without a driver.
  static int devices() {
    int n = 0;
    if (cudaGetDeviceCount(&n) == cudaSuccess) return n;
    cudaGetLastError();
    return 0;
  }

  template <class T>
  class buffer {
    static_assert(std::is_trivially_copyable_v<T>, "cosmoml: buffers hold plain numbers");

  public:
    buffer() = default;
    explicit buffer(index_t n) : data_(allocate(n)), size_(n) {
      if (n > 0) check(cudaMemset(data_, 0, std::size_t(n) * sizeof(T)), "clearing device memory");
    }
    buffer(const buffer& other) : data_(allocate(other.size_)), size_(other.size_) {
      if (size_ > 0) check(cudaMemcpy(data_, other.data_, std::size_t(size_) * sizeof(T), cudaMemcpyDeviceToDevice), "copying device memory");
    }
    buffer(buffer&& other) noexcept : data_(std::exchange(other.data_, nullptr)), size_(std::exchange(other.size_, 0)) {}
    buffer& operator=(buffer other) noexcept {
      std::swap(data_, other.data_);
      std::swap(size_, other.size_);
      return *this;
    }
    ~buffer() { cudaFree(data_); }

    T* data() { return data_; }
    const T* data() const { return data_; }
    index_t size() const { return size_; }

  private:
    static T* allocate(index_t n) {
      void* p = nullptr;
      if (n > 0) check(cudaMalloc(&p, std::size_t(n) * sizeof(T)), "allocating device memory");
      return static_cast<T*>(p);
    }
    T* data_ = nullptr;
    index_t size_ = 0;
  };

  // A stream, handles of cuBLAS and cuDNN and workspace, made when first needed. A copy has its own.
  class context {
  public:
    context() = default;
    context(const context& other) : tf32(other.tf32) {}
    context(context&& other) noexcept { swap(other); }
    context& operator=(context other) noexcept {
      swap(other);
      return *this;
    }
    ~context() {
      dnn_ = cudnn::library();   // before its stream
      if (blas_) cublasDestroy(blas_);
      if (stream_) cudaStreamDestroy(stream_);
      if (recording_stream_) cudaStreamDestroy(recording_stream_);
    }

    // Ordered against the legacy stream, on which copies from and to the host are; what is recorded has a stream that is not.
    cudaStream_t stream() {
      if (recording) return stream_of(recording_stream_, cudaStreamNonBlocking);
      return stream_of(stream_, cudaStreamDefault);
    }
    cublasHandle_t blas() {
      if (!blas_) check(cublasCreate(&blas_), "starting cuBLAS");
      if (const cudaStream_t s = stream(); s != blas_stream_) {
        constexpr index_t room = 32 << 20;   // what cuBLAS recommends for Hopper; its own would be allocated inside a recording
        if (!blas_workspace_.size()) blas_workspace_ = buffer<unsigned char>(room);
        check(cublasSetStream(blas_, s), "giving cuBLAS a stream");
        check(cublasSetWorkspace(blas_, blas_workspace_.data(), std::size_t(room)), "giving cuBLAS workspace");
        blas_stream_ = s;
      }
      return blas_;
    }
    template <class T>
    T* scratch(index_t n) {
      return reinterpret_cast<T*>(grown(workspace_, n * index_t(sizeof(T))));
    }
    // Temporary memory of CUB and cuDNN: apart from scratch, which holds their operands.
    unsigned char* temporary(index_t bytes) { return grown(temporary_, bytes); }
    cudnn::library& dnn() { return dnn_; }
    // n numbers that are one.
    template <class T>
    const T* ones(index_t n);
    double* sum() {
      if (!sum_.size()) sum_ = buffer<double>(1);
      return sum_.data();
    }
    // Changes whenever memory of this context moves: recordings made before are stale.
    std::uint64_t generation() const { return generation_; }

    bool recording = false;
    // Lets convolutions of floats round their factors to TF32, ten bits of fraction, as PyTorch does unless told otherwise. What is recorded stays as it was.
    bool tf32 = false;

  private:
    static cudaStream_t stream_of(cudaStream_t& s, unsigned flags) {
      if (!s) check(cudaStreamCreateWithFlags(&s, flags), "making a stream");
      return s;
    }
    unsigned char* grown(buffer<unsigned char>& b, index_t bytes) {
      if (b.size() < bytes) {
        b = buffer<unsigned char>(bytes);
        ++generation_;
      }
      return b.data();
    }
    void swap(context& o) noexcept {
      std::swap(stream_, o.stream_);
      std::swap(recording_stream_, o.recording_stream_);
      std::swap(blas_, o.blas_);
      std::swap(blas_stream_, o.blas_stream_);
      std::swap(blas_workspace_, o.blas_workspace_);
      std::swap(workspace_, o.workspace_);
      std::swap(temporary_, o.temporary_);
      std::swap(ones_float_, o.ones_float_);
      std::swap(ones_double_, o.ones_double_);
      std::swap(sum_, o.sum_);
      std::swap(generation_, o.generation_);
      std::swap(recording, o.recording);
      std::swap(tf32, o.tf32);
      dnn_.swap(o.dnn_);
    }
    cudaStream_t stream_ = nullptr, recording_stream_ = nullptr, blas_stream_ = nullptr;
    cublasHandle_t blas_ = nullptr;
    buffer<unsigned char> blas_workspace_, workspace_, temporary_;
    buffer<float> ones_float_;
    buffer<double> ones_double_, sum_;
    cudnn::library dnn_;
    std::uint64_t generation_ = 0;
  };

  template <class F>
  static void for_each(context& c, index_t n, F f) {
    if (n == 0) return;
    guarded("thrust::for_each", [&] { ::thrust::for_each_n(::thrust::cuda::par_nosync.on(c.stream()), ::thrust::counting_iterator<index_t>(0), n, f); });
  }
  // While recording, the sum stays on the device (recording::replay hands it over) and what is returned is no number.
  template <class F>
  static double sum_of(context& c, index_t n, F f) {
    const auto terms = ::thrust::make_transform_iterator(::thrust::counting_iterator<index_t>(0), cuda_functors::as_double<F>{f});
    std::size_t bytes = 0;
    check(cub::DeviceReduce::Sum(nullptr, bytes, terms, c.sum(), n, c.stream()), "the size of a reduction");
    unsigned char* memory = c.temporary(index_t(bytes) + 1);
    check(cub::DeviceReduce::Sum(memory, bytes, terms, c.sum(), n, c.stream()), "a reduction");
    return c.recording ? NAN : fetch_sum(c);
  }
  template <class T>
  static void fill(context& c, T* p, index_t n, std::type_identity_t<T> v) {
    for_each(c, n, cuda_functors::assigned<T>{p, v});
  }
  template <class T>
  static void copy(context& c, const T* from, T* to, index_t n) {
    if (n > 0) check(cudaMemcpyAsync(to, from, std::size_t(n) * sizeof(T), cudaMemcpyDeviceToDevice, c.stream()), "copying device memory");
  }
  template <class T>
  static void to_host(context& c, const T* from, T* to, index_t n) {
    expect<backend_error>(!c.recording, "copying to the host", "copy after the recorded step", "a recording in progress");
    if (n > 0) check(cudaMemcpy(to, from, std::size_t(n) * sizeof(T), cudaMemcpyDeviceToHost), "copying to the host");
  }
  template <class T>
  static void from_host(context& c, const T* from, T* to, index_t n) {
    expect<backend_error>(!c.recording, "copying from the host", "copy before the recorded step", "a recording in progress");
    if (n > 0) check(cudaMemcpy(to, from, std::size_t(n) * sizeof(T), cudaMemcpyHostToDevice), "copying from the host");
  }

  // What was called on a context, as a CUDA graph: one launch runs it again. Every address in it stays as it was.
  class recording {
  public:
    recording() = default;
    // Records what `calls` does on c, without running it. Buffers and workspace must have their sizes: call it once before.
    template <class Calls>
    recording(context& c, Calls&& calls) {
      check(cudaStreamSynchronize(c.stream()), "waiting for a stream");
      c.recording = true;
      cudaGraph_t graph = nullptr;
      try {
        c.blas();
        c.dnn().follow(c.stream());
        check(cudaStreamBeginCapture(c.stream(), cudaStreamCaptureModeThreadLocal), "recording a CUDA graph");
        calls();
        check(cudaStreamEndCapture(c.stream(), &graph), "recording a CUDA graph");
      } catch (...) {
        cudaStreamEndCapture(c.stream(), &graph);
        if (graph) cudaGraphDestroy(graph);
        cudaGetLastError();
        c.recording = false;
        throw;
      }
      c.recording = false;
      const cudaError_t status = cudaGraphInstantiate(&graph_, graph, 0);
      cudaGraphDestroy(graph);
      check(status, "making a CUDA graph ready");
      generation_ = c.generation();
    }
    recording(const recording&) = delete;
    recording(recording&& other) noexcept : graph_(std::exchange(other.graph_, nullptr)), generation_(other.generation_) {}
    recording& operator=(recording other) noexcept {
      std::swap(graph_, other.graph_);
      std::swap(generation_, other.generation_);
      return *this;
    }
    ~recording() {
      if (graph_) cudaGraphExecDestroy(graph_);
    }
    bool valid(const context& c) const { return graph_ && generation_ == c.generation(); }
    // Runs it; the last sum in it is the result.
    double replay(context& c) {
      check(cudaGraphLaunch(graph_, c.stream()), "launching a CUDA graph");
      return fetch_sum(c);
    }

  private:
    cudaGraphExec_t graph_ = nullptr;
    std::uint64_t generation_ = 0;
  };

private:
  static double fetch_sum(context& c) {
    double s = 0;
    check(cudaMemcpyAsync(&s, c.sum(), sizeof s, cudaMemcpyDeviceToHost, c.stream()), "fetching a sum");
    check(cudaStreamSynchronize(c.stream()), "fetching a sum");
    return s;
  }
  template <class Call>
  static void guarded(const char* asked, Call call) {
    try {
      call();
    } catch (const std::runtime_error& e) {
      cudaGetLastError();
      throw backend_error(asked, e.what(), "check that a device is present and its driver is as new as the toolkit");
    }
  }
};

template <class T>
const T* cuda::context::ones(index_t n) {
  buffer<T>& b = [this]() -> buffer<T>& {
    if constexpr (std::is_same_v<T, float>) return ones_float_;
    else return ones_double_;
  }();
  if (b.size() < n) {
    b = buffer<T>(n);
    ++generation_;
    fill(*this, b.data(), n, T(1));
  }
  return b.data();
}

}
#endif
