// SPDX-License-Identifier: BSL-1.0
// Command line of the examples: --name value, and --name alone for switches.
#pragma once
#include <cosmoml/core/error.hpp>

#include <cstdlib>
#include <map>
#include <vector>

namespace examples {

class arguments {
public:
  // usage: one line for each option, "--name VALUE  what it does", or "--name  what it does" for a switch; printed by --help.
  arguments(int argc, char** argv, std::string what, std::vector<std::string> usage) {
    usage.push_back("--out FOLDER  where figures, data and manifest.json go");
    usage.push_back("--help  this text");
    for (const std::string& line : usage) {
      const auto end = line.find(' ');
      const auto next = line.find_first_not_of(' ', end);
      takes_value_[line.substr(0, end)] = next - end == 1;
    }
    for (int i = 1; i < argc; ++i) {
      const std::string name = argv[i];
      const auto known = takes_value_.find(name);
      if (known == takes_value_.end()) throw cosmoml::invalid_argument("reading the command line", "an option '" + name + "'", "see --help for those there are");
      if (known->second && i + 1 == argc) throw cosmoml::invalid_argument("reading the command line", name + " without a value", "see --help");
      given_[name] = known->second ? argv[++i] : "";
    }
    if (has("--help")) {
      std::printf("%s\n\n", what.c_str());
      for (const std::string& line : usage) std::printf("  %s\n", line.c_str());
      std::exit(0);
    }
  }
  bool has(const std::string& name) const { return given_.count(name) > 0; }
  std::string text(const std::string& name, const std::string& otherwise) const { return has(name) ? given_.at(name) : otherwise; }
  long number(const std::string& name, long otherwise) const {
    if (!has(name)) return otherwise;
    char* end = nullptr;
    const long value = std::strtol(given_.at(name).c_str(), &end, 10);
    if (given_.at(name).empty() || *end != '\0' || value < 0)
      throw cosmoml::invalid_argument("reading the command line", name + " " + given_.at(name), "give a whole number of zero or more");
    return value;
  }

private:
  std::map<std::string, bool> takes_value_;
  std::map<std::string, std::string> given_;
};

}
