// SPDX-License-Identifier: BSL-1.0
#pragma once
#include "../support/confusion_figure.hpp"
#include "networks.hpp"

namespace examples {

// A picture put together of tiles, white between them.
class mosaic {
public:
  mosaic(int height, int width) : height_(height), width_(width), colours_(std::size_t(3 * height * width), 255) {}
  // A pixel of three numbers in [0, 1].
  void put(int row, int column, const float (&colour)[3]) {
    for (int c = 0; c < 3; ++c) colours_[std::size_t(3 * (row * width_ + column) + c)] = int(255 * std::min(1.0f, std::max(0.0f, colour[c])) + 0.5f);
  }
  table pixels() const {
    table t("column,row,red,green,blue");
    for (int r = 0; r < height_; ++r)
      for (int c = 0; c < width_; ++c) {
        const int* p = &colours_[std::size_t(3 * (r * width_ + c))];
        t.add(double(c), double(r), double(p[0]), double(p[1]), double(p[2]));
      }
    return t;
  }

private:
  int height_, width_;
  std::vector<int> colours_;
};
inline const char* const bare_picture = "set size ratio -1\nset yrange [*:*] reverse\nset autoscale xfix\nset autoscale yfix\nunset tics\nunset border\n";

// Filters (n, 3, h, w) in rows of eight, each scaled to its own extremes; of grey images, whose colours are equal, their sum over colours.
inline mosaic filter_mosaic(const cosmoml::ndarray<float>& filters, bool grey) {
  const int n = int(filters.dim(0)), h = int(filters.dim(2)), w = int(filters.dim(3)), rows = (n + 7) / 8;
  mosaic m(rows * (h + 1) - 1, 8 * (w + 1) - 1);
  for (int i = 0; i < n; ++i) {
    std::vector<float> shown(filters.row(i), filters.row(i) + 3 * h * w);
    float *red = shown.data(), *green = red + h * w, *blue = green + h * w;
    if (grey)
      for (int e = 0; e < h * w; ++e) red[e] = green[e] = blue[e] = red[e] + green[e] + blue[e];
    const auto [low, high] = std::minmax_element(shown.begin(), shown.end());
    const float least = *low, range = std::max(*high - *low, 1e-12f);
    for (int e = 0; e < h * w; ++e) m.put(i / 8 * (h + 1) + e / w, i % 8 * (w + 1) + e % w, {(red[e] - least) / range, (green[e] - least) / range, (blue[e] - least) / range});
  }
  return m;
}
inline void draw_filters(output_folder& out, const std::vector<std::string>& names, const std::vector<trained>& networks, bool grey) {
  std::string draw = "set multiplot layout 1," + std::to_string(names.size()) + "\n" + bare_picture;
  for (std::size_t i = 0; i < names.size(); ++i) {
    const std::string file = "filters_" + std::to_string(i + 1) + ".csv";
    out.write(file, filter_mosaic(networks[i].filters, grey).pixels());
    draw += "set title 'first layer of " + names[i] + "'\nplot '" + file + "' every ::1 using 1:2:3:4:5 with rgbimage\n";
  }
  out.figure("filters", 1000, 480, draw);
}

// Losses and validation accuracy against the epoch.
inline void draw_curves(output_folder& out, const std::vector<std::string>& names, const std::vector<trained>& networks) {
  table t("network,epoch,loss,validation_loss,validation_accuracy,seconds");
  for (std::size_t i = 0; i < names.size(); ++i)
    for (const auto& e : networks[i].report.history) t.add(names[i], double(e.epoch + 1), e.loss, e.validation_loss, networks[i].accuracy[std::size_t(e.epoch)], e.seconds);
  out.write("curves.csv", t);
  std::string draw = "set multiplot layout 1,2\nset grid\nset xlabel 'epoch'\nset xrange [0.8:*]\n";
  for (int panel = 0; panel < 2; ++panel) {
    draw += std::string("set ylabel '") + (panel ? "validation accuracy" : "loss") + "'\nset key " + (panel ? "bottom" : "top") + " right\nplot ";
    for (std::size_t i = 0; i < names.size(); ++i) {
      const std::string mine = (i ? ", " : "") + std::string("'curves.csv' every ::1 using (strcol(1) eq '") + names[i] + "' ? $2 : NaN):", line = " with linespoints pt 7 lw 2 lc " + std::to_string(i + 1);
      if (panel) draw += mine + "5" + line + " title '" + names[i] + "'";
      else draw += mine + "3" + line + " dt 2 title '" + names[i] + ", training', " + mine.substr(i ? 2 : 0) + "4" + line + " title '" + names[i] + ", validation'";
    }
    draw += "\n";
  }
  out.figure("curves", 1100, 420, draw);
}

// The test images that a network was surest of and wrong about, with what it took them for and what they are; in file, all mistakes.
inline void draw_mistakes(output_folder& out, const std::string& name, const labelled& images, cosmoml::index_t first, const cosmoml::ndarray<float>& scores, const std::vector<std::string>& classes) {
  struct mistake {
    cosmoml::index_t image;
    int predicted;
    double sureness;
  };
  std::vector<mistake> all;
  const auto called = cosmoml::train::most_likely(scores);
  for (cosmoml::index_t n = 0; n < scores.rows(); ++n) {
    const int p = called[std::size_t(n)];
    if (p == images.labels[std::size_t(first + n)]) continue;
    double z = 0;
    for (int c = 0; c < int(classes.size()); ++c) z += std::exp(double(scores.row(n)[c] - scores.row(n)[p]));
    all.push_back({first + n, p, 1 / z});
  }
  std::sort(all.begin(), all.end(), [](const mistake& a, const mistake& b) { return a.sureness > b.sureness; });
  table t("image,label,predicted,probability");
  for (const mistake& m : all) t.add(double(m.image), classes[std::size_t(images.labels[std::size_t(m.image)])], classes[std::size_t(m.predicted)], m.sureness);
  out.write("mistakes.csv", t);

  constexpr int columns = 8, rows = 3;
  const int side = images.side(), plane = side * side, width = side + 6, height = side + 14;
  mosaic m(rows * height, columns * width);
  std::string labels;
  for (int i = 0; i < columns * rows && i < int(all.size()); ++i) {
    const mistake& wrong = all[std::size_t(i)];
    const int left = i % columns * width + 3, top = i / columns * height;
    const float* p = images.images.row(wrong.image);
    for (int e = 0; e < plane; ++e) m.put(top + e / side, left + e % side, {p[e], p[plane + e], p[2 * plane + e]});
    const auto say = [&](const std::string& text, int row, const char* colour) {
      labels += "set label '" + text + "' at " + std::to_string(left + side / 2) + "," + std::to_string(row) + " center front font 'sans,9' tc rgb '" + colour + "'\n";
    };
    say(classes[std::size_t(wrong.predicted)], top + side + 3, "#b2182b");
    say("is " + classes[std::size_t(images.labels[std::size_t(wrong.image)])], top + side + 8, "black");
  }
  out.write("mistakes_pixels.csv", m.pixels());
  out.figure("mistakes", 1000, 520, std::string(bare_picture) + "set title 'what " + name + " was surest of and wrong about: " + std::to_string(all.size()) + " mistakes in " +
                                        std::to_string(scores.rows()) + " test images'\n" + labels + "plot 'mistakes_pixels.csv' every ::1 using 1:2:3:4:5 with rgbimage\n");
}

}
