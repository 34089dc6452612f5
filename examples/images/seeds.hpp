// SPDX-License-Identifier: BSL-1.0
// Training curves with Winograd's convolutions and with direct sums, over several seeds.
#pragma once
#include "../support/output.hpp"
#include "networks.hpp"

namespace examples {

struct spread {
  double mean = 0, sd = 0;
  explicit spread(const std::vector<double>& v) {
    for (double x : v) mean += x / double(v.size());
    for (double x : v) sd += (x - mean) * (x - mean);
    sd = v.size() > 1 ? std::sqrt(sd / double(v.size() - 1)) : NAN;
  }
};

// For each width: losses and accuracies of every seed both ways after the last epoch, mean and standard deviation over seeds, and the
// difference of the two ways with its paired t statistic, of the last epoch and of the mean over all: seed by seed they share their start and
// the order of the images, and differ in rounding alone.
inline void compare_winograd(output_folder& out, const labelled& data, const training_plan& p, int seeds, long seed) {
  const int widths[] = {8, 32};
  table rows("width,winograd,seed,epoch,loss,validation_loss,validation_accuracy");
  for (int width : widths) {
    std::vector<double> loss[2], accuracy[2], mean_loss[2], mean_accuracy[2], seconds[2];
    {
      cosmoml::train::progress_bar bar("ConvNet of width " + std::to_string(width), 2 * seeds);
      for (int s = 0; s < seeds; ++s)
        for (int way = 0; way < 2; ++way) {
          auto progress = bar.task(2 * s + way);
          const trained t = train_convnet_with(way == 1, width, data, p, cosmoml::key{std::uint64_t(seed)}.fold(std::uint64_t(s)), progress);
          for (const auto& e : t.report.history)
            rows.add(double(width), double(way), double(s), double(e.epoch + 1), e.loss, e.validation_loss, t.accuracy[std::size_t(e.epoch)]);
          loss[way].push_back(t.report.history.back().loss);
          accuracy[way].push_back(t.accuracy.back());
          double sum = 0;
          for (const auto& e : t.report.history) sum += e.loss;
          mean_loss[way].push_back(sum / p.epochs);
          mean_accuracy[way].push_back(spread(t.accuracy).mean);
          seconds[way].push_back(t.report.seconds);
        }
    }
    std::printf("\nConvNet of width %d, %d seeds, after %d epochs\n%-12s", width, seeds, p.epochs, "");
    for (int s = 0; s < seeds; ++s) std::printf("   seed %d", s);
    std::printf("     mean       sd\n");
    const char* const ways[] = {"direct", "winograd"};
    const std::string at = "width_" + std::to_string(width) + ".";
    for (auto* measured : {&loss, &accuracy}) {
      const std::string what = measured == &loss ? "loss" : "accuracy";
      for (int way = 0; way < 2; ++way) {
        const spread over((*measured)[way]);
        std::printf("%-12s", (what + (way ? ", W" : ", d")).c_str());
        for (double v : (*measured)[way]) std::printf(" %8.5f", v);
        std::printf(" %8.5f %8.5f\n", over.mean, over.sd);
        out.metric(at + ways[way] + "." + what, over.mean);
        out.metric(at + ways[way] + "." + what + "_sd", over.sd);
      }
      const auto difference = [&](const std::vector<double> (&of)[2], const std::string& when) {
        std::vector<double> d;
        for (int s = 0; s < seeds; ++s) d.push_back(of[1][std::size_t(s)] - of[0][std::size_t(s)]);
        const spread over(d);
        const double t = over.sd > 0 ? over.mean / (over.sd / std::sqrt(double(seeds))) : 0;   // nothing differs, or one seed
        std::printf("%-12s difference %+.5f, t = %+.2f, %s\n", "", over.mean, t, when.c_str());
        out.metric(at + what + "_difference, " + when, over.mean);
        out.metric(at + what + "_t, " + when, t);
      };
      difference(*measured, "last epoch");
      difference(measured == &loss ? mean_loss : mean_accuracy, "mean over epochs");
    }
    std::printf("%-12s %.1f s a run direct, %.1f s with Winograd\n", "", spread(seconds[0]).mean, spread(seconds[1]).mean);
    std::fflush(stdout);
  }
  out.write("winograd.csv", rows);
  std::string draw = "set multiplot layout 2,2 title 'ConvNet, " + std::to_string(seeds) + " seeds each way'\nset grid\nset xlabel 'epoch'\n";
  for (int width : widths)
    for (int panel = 0; panel < 2; ++panel) {
      draw += "set title 'width " + std::to_string(width) + "'\nset ylabel '" + (panel ? "validation accuracy" : "training loss") + "'\nset key " + (panel ? "bottom" : "top") + " right\nplot ";
      for (int way = 0; way < 2; ++way)
        for (int s = 0; s < seeds; ++s)
          draw += std::string(way + s ? ", " : "") + "'winograd.csv' every ::1 using ($1 == " + std::to_string(width) + " && $2 == " + std::to_string(way) + " && $3 == " + std::to_string(s) +
                  " ? $4 : NaN):" + (panel ? "7" : "5") + (way ? " with points pt 7 ps 0.7 lc 2" : " with lines lw 2 lc 1") +
                  (s ? "" : way ? " title 'Winograd'" : " title 'direct sums'");
      draw += "\n";
    }
  out.figure("winograd", 1100, 800, draw);
}

}
