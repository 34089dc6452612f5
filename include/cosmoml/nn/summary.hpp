// SPDX-License-Identifier: BSL-1.0
#pragma once
#include <cosmoml/nn/sequential.hpp>

namespace cosmoml::inline COSMOML_ABI::nn {

// A network as a table: one line a layer with its name in parameter paths, output shape, parameters, and parameters that nobody reads.
template <SoundNetwork Net>
std::string summary() {
  std::string table;
  auto line = [&](std::string_view name, std::string_view label, std::string_view shape, std::string_view parameters, std::string_view note) {
    const std::string_view cells[] = {name, label, shape, parameters};
    const std::size_t width[] = {10, 42, 18, 12};
    for (int i = 0; i < 4; ++i) {
      const std::size_t blanks = cells[i].size() < width[i] ? width[i] - cells[i].size() : 1;
      if (i == 3) table.append(blanks, ' ');   // numbers to the right
      table += cells[i];
      if (i < 3) table.append(blanks, ' ');
    }
    table += note;
    table += '\n';
  };
  line("layer", "", "output", "parameters", "");
  line("", "input", text(Net::input_extents), "", "");
  const auto show = [&](int depth, const std::string& name, const std::string& label, extents out, index_t parameters, index_t dead) {
    const std::string note = dead == 0 ? "" : dead == parameters ? "  never read" : text("  ", dead, " never read");
    line(std::string(std::size_t(2 * depth), ' ') + name, label, text(out), parameters ? std::to_string(parameters) : "-", note);
  };
  Net::body::template visit_layers<typename Net::input_shape, typename Net::output>(show, 0);
  using shared_once = typename Net::shared_once;
  shared_once::for_first([&](auto i) {
    using use = typename shared_once::template use<i>;
    using body = typename use::layer::body;
    const index_t n = parameter_count<body>(use::input::value);
    line(use::layer::name.view(), body::label(), text(body::output(use::input::value)), n ? std::to_string(n) : "-", text("  shared by ", shared_once::uses_of(i), " places"));
    if constexpr (Composite<body>) body::template visit_layers<typename use::input, output_shape<body, typename use::input>>(show, 1);
  });
  table += text(Net::parameter_count, " parameters");
  if (Net::dead_parameter_count > 0)
    table += text(", of which ", Net::dead_parameter_count, " can never change the output: a pooling drops what they feed");
  table += '\n';
  return table;
}

}
