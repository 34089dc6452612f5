// SPDX-License-Identifier: BSL-1.0
#include "server.hpp"

#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <ctime>
#include <iostream>
#include <map>
#include <sstream>

#if defined(_OPENMP)
#include <omp.h>
#endif

namespace peers {

namespace {
struct entry {
  workload_maker make;
  data_writer data;
};
std::map<std::string, entry>& entries() {
  static std::map<std::string, entry> all;
  return all;
}
int current_threads = 1;

void use_threads(int n) {
  current_threads = n;
#if defined(_OPENMP)
  omp_set_num_threads(n);
#endif
}
std::string quoted(const std::string& s) {
  std::string out = "\"";
  for (char c : s)
    if (c == '"' || c == '\\') (out += '\\') += c;
    else out += c == '\n' ? ' ' : c;
  return out + '"';
}
}

add::add(std::string name, workload_maker make, data_writer data) { entries()[std::move(name)] = {std::move(make), std::move(data)}; }
int threads() { return current_threads; }

void store::copy(void* to, const std::string& bytes) { std::memcpy(to, bytes.data(), bytes.size()); }
void store::write_bytes(const std::string& path, const void* p, std::size_t n) {
  std::FILE* f = std::fopen(path.c_str(), "wb");
  const bool whole = f && std::fwrite(p, 1, n, f) == n;
  if (!f || std::fclose(f) != 0 || !whole) throw std::runtime_error("cannot write " + path);
}
std::string store::read_bytes(const std::string& path) {
  std::FILE* f = std::fopen(path.c_str(), "rb");
  if (!f) throw std::runtime_error("cannot read " + path);
  std::string bytes;
  char block[1 << 16];
  for (std::size_t n; (n = std::fread(block, 1, sizeof block, f)) > 0;) bytes.append(block, n);
  std::fclose(f);
  return bytes;
}
std::vector<float> store::parameters(const std::string& name) const {
  const std::string bytes = read_bytes(weights(name));
  std::uint64_t header = 0;   // its size comes first
  std::memcpy(&header, bytes.data(), sizeof header);
  const std::string values = bytes.substr(sizeof header + header);
  std::vector<float> v(values.size() / sizeof(float));
  copy(v.data(), values);
  return v;
}

// The workload in use is kept, with its memory, until another is asked for.
class server {
public:
  explicit server(std::string folder) : store_(std::move(folder)) {}
  std::string answer(const std::string& line) {
    std::istringstream words(line);
    std::string command, name;
    words >> command >> name;
    const auto found = entries().find(name);
    if (found == entries().end()) throw std::runtime_error("there is no workload of this name: " + name);
    if (command == "data") {
      if (!found->second.data) throw std::runtime_error("this side writes no data: " + name);
      found->second.data(store_);
      return "\"data\": true";
    }
    workload& w = use(name, found->second);
    if (command == "check") {
      if (std::string whose; words >> whose) w.use_weights(whose);
      w.reset(0);
      const auto values = w.check();
      std::string file = name;
      for (char& c : file)
        if (c == '/') c = '-';
      store_.write("checked-" + file, values);
      return "\"values\": " + std::to_string(values.size()) + ", \"file\": " + quoted("checked-" + file);
    }
    int threads = 1, count = 1, index = 0;
    if (command != "time" || !(words >> threads >> count >> index)) throw std::runtime_error("cannot read this line: " + line);
    use_threads(threads);
    w.reset(index);
    const auto begin = std::chrono::steady_clock::now();
    const std::clock_t cpu_begin = std::clock();
    for (int i = 0; i < count; ++i) w.call();
    const double cpu = double(std::clock() - cpu_begin) / CLOCKS_PER_SEC;
    const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
    char numbers[120];
    std::snprintf(numbers, sizeof numbers, "\"seconds\": %.9g, \"cpu\": %.9g, \"bytes\": %.15g", seconds / count, cpu / count, w.held_bytes());
    return numbers + (", \"note\": " + quoted(w.note()));
  }

private:
  workload& use(const std::string& name, const entry& e) {
    if (name != name_) {
      current_.reset();
      name_.clear();
      current_ = e.make(store_);
      name_ = name;
    }
    return *current_;
  }
  store store_;
  std::string name_;
  std::unique_ptr<workload> current_;
};

}

int main(int argc, char** argv) {
  if (argc != 2) {
    std::fprintf(stderr, "usage: %s FOLDER   (then lines on standard input, see server.hpp)\n", argv[0]);
    return 2;
  }
  peers::server server(argv[1]);
  std::printf("{\"peer\": %s}\n", peers::quoted(peers::library).c_str());
  std::fflush(stdout);
  for (std::string line; std::getline(std::cin, line);) {
    std::string answer;
    try {
      answer = server.answer(line);
    } catch (const std::exception& e) {
      answer = "\"error\": " + peers::quoted(e.what());
    }
    std::printf("{%s}\n", answer.c_str());
    std::fflush(stdout);
  }
}
