// SPDX-License-Identifier: BSL-1.0
// What an example leaves behind: data as CSV, figures that gnuplot draws from it, and manifest.json.
#pragma once
#include <cosmoml/io/file.hpp>
#include <cosmoml/version.hpp>

#include <chrono>
#include <cmath>
#include <ctime>
#include <nlohmann/json.hpp>

namespace examples {

using json = nlohmann::ordered_json;

// A table on its way to a CSV file: columns named in the first line, a row for each add.
class table {
public:
  explicit table(const std::string& columns) : text_(columns + "\n") {}
  template <class... T>
  void add(const T&... cell) {
    bool first = true;
    ((text_ += first ? "" : ",", first = false, put(cell)), ...);
    text_ += "\n";
  }
  const std::string& text() const { return text_; }

private:
  void put(double v) {
    char s[32];
    std::snprintf(s, sizeof s, "%.9g", v);
    text_ += s;
  }
  void put(const std::string& s) { text_ += s; }
  std::string text_;
};

class output_folder {
public:
  // The manifest names the example, the seed, what it was asked to do and on which backend.
  output_folder(std::string folder, const std::string& example, long seed, json configuration, const std::string& backend)
      : folder_(std::move(folder)), start_(std::chrono::steady_clock::now()) {
    manifest_ = {{"example", example}, {"seed", seed}, {"configuration", std::move(configuration)}, {"backend", backend}};
#if defined(__clang__)
    const std::string compiler = "clang++ " __clang_version__;
#else
    const std::string compiler = "g++ " __VERSION__;
#endif
    manifest_["versions"] = {{"cosmoml", cosmoml::version}, {"compiler", compiler}};
    manifest_["figures"] = json::array();
  }
  void metric(const std::string& name, double value) { manifest_["metrics"][name] = std::isfinite(value) ? json(value) : json(nullptr); }
  void write(const std::string& name, const std::string& contents) const {
    const std::string path = folder_ + "/" + name;
    cosmoml::io::write_file(path, contents.data(), contents.size());
  }
  void write(const std::string& name, const table& t) const { write(name, t.text()); }

  // Draws NAME.png; the commands see the folder as their working directory, and are kept as NAME.gp.
  void figure(const std::string& name, int width, int height, const std::string& commands) {
    const std::string head = "set terminal pngcairo noenhanced font 'sans,11' size " + std::to_string(width) + "," + std::to_string(height) +
                             "\nset output '" + name + ".png'\nset datafile separator ','\nset key noautotitle\n";
    write(name + ".gp", head + commands);
    const std::string run = "cd '" + folder_ + "' && gnuplot '" + name + ".gp' 2>'" + name + ".log'";
    if (std::system(run.c_str()) != 0)
      throw cosmoml::io_error("drawing " + folder_ + "/" + name + ".png", "gnuplot failed (" + name + ".log says why)", "install gnuplot-nox; the data is there as CSV");
    std::remove((folder_ + "/" + name + ".log").c_str());
    manifest_["figures"].push_back(name + ".png");
  }
  // Ends the run: manifest.json, and one line to the reader.
  void close() {
    const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start_).count();
    char date[32];
    const std::time_t now = std::time(nullptr);
    std::strftime(date, sizeof date, "%Y-%m-%dT%H:%M:%SZ", std::gmtime(&now));
    manifest_["date"] = date;
    manifest_["wall_time_seconds"] = seconds;
    write("manifest.json", manifest_.dump(2) + "\n");
    std::printf("\n%.0f s. Figures, their data and manifest.json are in %s\n", seconds, folder_.c_str());
  }

private:
  std::string folder_;
  std::chrono::steady_clock::time_point start_;
  json manifest_;
};

}
