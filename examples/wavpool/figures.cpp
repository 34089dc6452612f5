// SPDX-License-Identifier: BSL-1.0
#include "figures.hpp"

#include <cosmoml/nn/model.hpp>
#include <cosmoml/wavelet/transform.hpp>

namespace examples {

void draw_curves(output_folder& out, const std::vector<run>& runs, int models, int seeds) {
  table t("model,epoch,seeds,accuracy,accuracy_low,accuracy_high,loss,loss_low,loss_high");
  std::vector<std::string> names;
  for (int m = 0; m < models; ++m) {
    std::vector<const run*> own;
    for (std::size_t i = std::size_t(m); i < runs.size(); i += std::size_t(models)) own.push_back(&runs[i]);
    names.push_back(own[0]->model);
    for (std::size_t e = 0;; ++e) {
      int n = 0;
      double a = 0, a0 = 1, a1 = 0, l = 0, l0 = INFINITY, l1 = 0;
      for (const run* r : own) {
        if (e >= r->accuracy.size()) continue;
        ++n;
        a += r->accuracy[e], a0 = std::min(a0, r->accuracy[e]), a1 = std::max(a1, r->accuracy[e]);
        const double loss = r->report.history[e].validation_loss;
        l += loss, l0 = std::min(l0, loss), l1 = std::max(l1, loss);
      }
      if (n == 0) break;
      t.add(names.back(), double(e + 1), double(n), a / n, a0, a1, l / n, l0, l1);
    }
  }
  out.write("curves.csv", t);
  std::string draw = "set style fill transparent solid 0.25 noborder\nset multiplot layout 1,2 title 'Mean and extremes of those of " + std::to_string(seeds) +
                     " seeds that have not stopped'\nset xlabel 'epoch'\nset grid\nset xrange [0:*]\n";
  const char* titles[] = {"validation accuracy", "validation loss"};
  for (int panel = 0; panel < 2; ++panel) {
    draw += std::string("set ylabel '") + titles[panel] + "'\nset key " + (panel ? "top" : "bottom") + " right\nplot ";
    for (int m = 0; m < models; ++m) {
      const std::string mine = "(strcol(1) eq '" + names[std::size_t(m)] + "' ? $2 : NaN)", column = std::to_string(4 + 3 * panel), colour = std::to_string(m + 1);
      draw += std::string(m ? ", " : "") + "'curves.csv' every ::1 using " + mine + ":" + std::to_string(5 + 3 * panel) + ":" + std::to_string(6 + 3 * panel) +
              " with filledcurves lc " + colour + " notitle, '' every ::1 using " + mine + ":" + column + " with lines lw 2 lc " + colour + " title '" + names[std::size_t(m)] + "'";
    }
    draw += "\n";
  }
  out.figure("curves", 1100, 420, draw);
}

template <int Side>
void draw_bands(output_folder& out, const cosmoml::ndarray<float>& images) {
  using layer = cosmoml::wavelet::transform<>;
  cosmoml::nn::model<cosmoml::nn::sequential<cosmoml::nn::input<Side, Side>, layer>, cosmoml::backend::native<float>, cosmoml::mode::inference> transform(cosmoml::key{0});
  const auto first = images.view().middle_rows(0, 1);
  const auto coefficients = transform.predict(first);
  constexpr auto sizes = layer::coefficients(cosmoml::extents{Side, Side});
  // Bands of odd size overhang the half that is theirs: a level's mosaic is twice its band size.
  cosmoml::ndarray<float> mosaic(2 * sizes.extent[1][0], 2 * sizes.extent[1][1]);
  auto place = [&](int level, int band) {
    const int h = sizes.extent[level][0], w = sizes.extent[level][1];
    for (int r = 0; r < h; ++r)
      for (int c = 0; c < w; ++c)
        mosaic.row((band & 1 ? h : 0) + r)[(band & 2 ? w : 0) + c] = coefficients[sizes.offset(level, band) + r * w + c] / float(1 << level);
  };
  for (int level = 1; level <= sizes.levels; ++level)
    for (int band = 1; band <= 3; ++band) place(level, band);
  place(sizes.levels, 0);
  std::string marks;   // where one band ends and the next begins, and the names of those large enough to hold one
  for (int level = 1; level <= sizes.levels; ++level) {
    const double h = sizes.extent[level][0], w = sizes.extent[level][1];
    auto line = [&](double x, double y, double to_x, double to_y) {
      marks += "set arrow from " + std::to_string(x - 0.5) + "," + std::to_string(y - 0.5) + " to " + std::to_string(to_x - 0.5) + "," + std::to_string(to_y - 0.5) + " nohead front lc rgb '#606060'\n";
    };
    line(0, h, level > 1 ? sizes.extent[level - 1][1] : 2 * w, h);
    line(w, 0, w, level > 1 ? sizes.extent[level - 1][0] : 2 * h);
    for (int band = 1; band <= 3 && h >= 4; ++band)
      marks += std::string("set label '") + "HVD"[band - 1] + std::to_string(level) + "' at " + std::to_string(band & 2 ? w : 0) + "," + std::to_string(band & 1 ? h + 0.4 : 0.4) + " front\n";
  }
  table image("row,column,value"), bands("row,column,value");
  for (int r = 0; r < Side; ++r)
    for (int c = 0; c < Side; ++c) image.add(double(r), double(c), double(first(0, r * Side + c)));
  for (int r = 0; r < mosaic.dim(0); ++r)
    for (int c = 0; c < mosaic.dim(1); ++c) bands.add(double(r), double(c), double(mosaic.row(r)[c]));
  out.write("image.csv", image);
  out.write("bands.csv", bands);
  out.figure("bands", 900, 430,
             "set multiplot layout 1,2\nset size ratio -1\nset yrange [*:*] reverse\nset autoscale xfix\nset autoscale yfix\nunset tics\n"
             "set palette gray\nset title 'the first image'\nplot 'image.csv' every ::1 using 2:1:3 with image\n"
             "set palette defined (-1 '#2166ac', 0 'white', 1 '#b2182b')\nset cbrange [-0.5:0.5]\n"
             "set title 'its Haar bands, over 2^level'\n" + marks + "plot 'bands.csv' every ::1 using 2:1:3 with image\n");
}

void draw_bands(output_folder& out, const labelled& data) {
  if (data.side() == 32) draw_bands<32>(out, data.images);
  else draw_bands<28>(out, data.images);
}

}
