// SPDX-License-Identifier: BSL-1.0
// One side of a comparison: a program that holds workloads by name, reads lines from standard input and answers each with one line of JSON.
// Its first line says who it is.
//   data NAME                        writes the numbers that every side of a workload starts from
//   check NAME [WHOSE]               writes what the workload computes, to be compared with the other side; with the weights of WHOSE file
//   time NAME THREADS COUNT INDEX    COUNT calls in one go: seconds and processor time of one call; INDEX numbers the batches of a comparison
// Nothing here knows the library: programs of other libraries use it too.
#pragma once
#include <cstddef>
#include <functional>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

namespace peers {

// Numbers in files FOLDER/NAME.bin, as they lie in memory, and weights in files FOLDER/NAME-WHOSE.safetensors: shared by both sides and by
// both languages. WHOSE is who wrote them: ours, or theirs.
class store {
public:
  explicit store(std::string folder) : folder_(std::move(folder)) {}
  template <class T>
  void write(const std::string& name, const T* p, std::size_t n) const {
    write_bytes(numbers(name), p, n * sizeof(T));
  }
  template <class T>
  void write(const std::string& name, const std::vector<T>& v) const {
    write(name, v.data(), v.size());
  }
  template <class T>
  std::vector<T> read(const std::string& name) const {
    const std::string bytes = read_bytes(numbers(name));
    std::vector<T> v(bytes.size() / sizeof(T));
    copy(v.data(), bytes);
    return v;
  }
  std::string weights(const std::string& name, const std::string& whose = "ours") const { return folder_ + "/" + name + "-" + whose + ".safetensors"; }
  // Our weights as they lie behind the header, layer after layer: for libraries that cannot read the format.
  std::vector<float> parameters(const std::string& name) const;

private:
  std::string numbers(const std::string& name) const { return folder_ + "/" + name + ".bin"; }
  static void copy(void* to, const std::string& bytes);
  static void write_bytes(const std::string& path, const void* p, std::size_t n);
  static std::string read_bytes(const std::string& path);
  std::string folder_;
};

class workload {
public:
  virtual ~workload() = default;
  virtual void use_weights(const std::string& /* whose */) {}   // before a check that names them
  virtual void reset(int /* index */) {}                // before each batch, not timed
  virtual void call() = 0;                              // what is timed
  virtual std::vector<double> check() { return {}; }    // what the other side must find, too
  virtual std::string note() const { return {}; }       // of the last call, shown beside the times
  virtual double held_bytes() const { return 0; }       // the most of a call; 0: not known
};

using data_writer = std::function<void(const store&)>;
using workload_maker = std::function<std::unique_ptr<workload>(const store&)>;

// A static object of this type makes a workload known. Those of other libraries write no data.
struct add {
  add(std::string name, workload_maker make, data_writer data = {});
};

// What this program is called beside others; each defines it once.
extern const char* const library;

// How many threads the current batch may use.
int threads();

// A workload without a check or a reset of its own.
template <class Call>
std::unique_ptr<workload> calls(Call call) {
  struct plain : workload {
    explicit plain(Call c) : f(std::move(c)) {}
    void call() override { f(); }
    Call f;
  };
  return std::make_unique<plain>(std::move(call));
}

}
