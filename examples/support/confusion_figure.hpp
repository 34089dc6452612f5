// SPDX-License-Identifier: BSL-1.0
#pragma once
#include "output.hpp"

#include <cosmoml/train/confusion.hpp>

namespace examples {

// How often a class of the test images was taken for which.
inline void draw_confusion(output_folder& out, const cosmoml::train::confusion& c, const std::vector<std::string>& classes, const std::string& title) {
  table t("label,predicted,count");
  for (int l = 0; l < c.classes(); ++l)
    for (int p = 0; p < c.classes(); ++p) t.add(double(l), double(p), double(c.count(l, p)));
  out.write("confusion.csv", t);
  std::string ticks;
  for (std::size_t i = 0; i < classes.size(); ++i) ticks += (i ? ", '" : "'") + classes[i] + "' " + std::to_string(i);
  out.figure("confusion", 700, 640,
             "stats 'confusion.csv' every ::1 using 3 nooutput\nhalf = STATS_max / 2\nset title '" + title + "'\nset xlabel 'predicted class'\nset ylabel 'class'\n"
             "set xtics (" + ticks + ") rotate by 45 right scale 0\nset ytics (" + ticks + ") scale 0\nset yrange [*:*] reverse\n"
             "set palette defined (0 'white', 1 '#08306b')\nset cbrange [0:*]\nset autoscale xfix\nset autoscale yfix\n"
             "plot 'confusion.csv' every ::1 using 2:1:3 with image, \\\n"
             "  '' every ::1 using 2:1:($3 > 0 && $3 < half ? sprintf('%d', $3) : '') with labels font 'sans,9', \\\n"
             "  '' every ::1 using 2:1:($3 >= half ? sprintf('%d', $3) : '') with labels font 'sans,9' tc rgb 'white'\n");
}

}
