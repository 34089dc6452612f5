// SPDX-License-Identifier: BSL-1.0
#pragma once
#include <cosmoml/io/csv.hpp>
#include <cosmoml/train/fit_options.hpp>

namespace cosmoml::inline COSMOML_ABI::train {

// The history of a fit as CSV, an epoch a line: epoch, loss, validation_loss (nan without a validation set), seconds, learning_rate.
inline void write_history(const std::string& path, const fit_report& report) {
  ndarray<double> rows(index_t(report.history.size()), index_t(5));
  double* to = rows.data();
  for (const epoch_row& r : report.history)
    for (const double v : {double(r.epoch), r.loss, r.validation_loss, r.seconds, r.learning_rate}) *to++ = v;
  io::write_csv(path, rows, {"epoch", "loss", "validation_loss", "seconds", "learning_rate"});
}

}
