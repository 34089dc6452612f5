// SPDX-License-Identifier: BSL-1.0
// Mutual information from Gaussian mixtures, with its error: the toy distributions of Piras et al. 2022 (arXiv 2211.00024), or every pair of columns
// of two files.
#include "../support/arguments.hpp"
#include "../support/jobs.hpp"
#include "../support/output.hpp"
#include "samples.hpp"

#include <cosmoml/train/progress_bar.hpp>

using namespace cosmoml;
using namespace examples;

namespace {

// Counts what is done on a progress bar, from any thread.
class counter {
public:
  counter(const std::string& title, index_t total) : bar_(title), total_(total) {}
  void add(double error) {
    const std::lock_guard lock(mutex_);
    errors_ += error;
    ++done_;
    bar_.on_batch({0, 1, done_, total_, total_, errors_ / double(done_), 0});
  }

private:
  train::progress_bar bar_;
  index_t total_, done_ = 0;
  double errors_ = 0;
  std::mutex mutex_;
};

// Many realisations of one distribution: how far off, how scattered, how honest about it.
struct summary {
  double bias = 0, spread = 0, reported = 0, within_one = 0, within_two = 0, ksg_bias = 0, ksg_spread = 0;
  int realisations = 0;
};
struct answer {
  double mean, sd, ksg;
};
summary summarise(const std::vector<answer>& all, double truth) {
  summary s;
  s.realisations = int(all.size());
  double mean = 0, square = 0, ksg = 0, ksg_square = 0;
  const double n = double(all.size());
  for (const answer& a : all) {
    mean += a.mean / n, square += a.mean * a.mean / n, ksg += a.ksg / n, ksg_square += a.ksg * a.ksg / n, s.reported += a.sd / n;
    s.within_one += (std::abs(a.mean - truth) < a.sd) / n, s.within_two += (std::abs(a.mean - truth) < 2 * a.sd) / n;
  }
  s.bias = mean - truth, s.spread = std::sqrt(std::max(0.0, square - mean * mean) * n / (n - 1));
  s.ksg_bias = ksg - truth, s.ksg_spread = std::sqrt(std::max(0.0, ksg_square - ksg * ksg) * n / (n - 1));
  return s;
}
answer estimate(const ndarray<double>& x, key k, index_t draws) {
  prob::estimate_mi<> e({}, {}, k, 1);
  const prob::mi_estimate mi = e.fit_estimate(x, {.mc_samples = draws});
  prob::ksg_mi ksg(3, true);
  ksg.fit(x);
  return {mi.mean, mi.sd, ksg.estimate({.threads = 1}).mean};
}

void toys(const arguments& args) {
  const int threads = int(args.number("--threads", core_count())), realisations = int(args.number("--realisations", 30));
  const long seed = args.number("--seed", 1);
  expect<invalid_argument>(realisations > 1, "gmm_mi", "use at least two realisations", realisations, " realisations");
  output_folder out(args.text("--out", "."), "gmm_mi", seed, {{"realisations", realisations}, {"threads", threads}}, backend::native<double>::name);
  const key root{std::uint64_t(seed)};

  // ---- bias, spread and calibration
  struct row {
    toy what;
    index_t n;
  };
  std::vector<row> rows;
  for (double rho : {0.0, 0.3, 0.6, 0.9}) rows.push_back({gaussian(rho), 200});
  for (double a : {0.1, 1.0, 10.0}) rows.push_back({gamma_exponential(a), 200});
  for (double a : {0.1, 1.0, 10.0}) rows.push_back({weinman(a), 200});
  for (index_t n : {200, 2000}) {
    rows.push_back({gaussian(0.6, "y + 0.1 y^2", [](double y) { return y + 0.1 * y * y; }), n});
    rows.push_back({gaussian(0.6, "y + 0.5 y^3", [](double y) { return y + 0.5 * y * y * y; }), n});
    rows.push_back({gaussian(0.6, "ln(y + 5)", [](double y) { return std::log(std::max(y, -4.99) + 5); }), n});
  }
  for (const toy& t : mixtures()) rows.push_back({t, 10000});
  std::vector<std::vector<answer>> answers(rows.size(), std::vector<answer>(std::size_t(realisations)));
  {
    counter bar("realisations", index_t(rows.size()) * realisations);
    run_jobs(int(rows.size()) * realisations, threads, [&](int j) {
      const std::size_t r = std::size_t(j / realisations), i = std::size_t(j % realisations);
      const key k = root.fold(r).fold(i);
      answers[r][i] = estimate(rows[r].what.draw(rows[r].n, k.fold(0)), k.fold(1), 10000);
      bar.add(std::abs(answers[r][i].mean - rows[r].what.truth));
    });
  }
  std::printf("%-18s %9s %6s %8s %8s %8s %9s %9s %8s %8s | %8s %8s\n", "distribution", "parameter", "rows", "truth", "bias", "spread", "reported", "rep/spr", "in 1 sd", "in 2 sd", "KSG bias", "spread");
  table toy_table("distribution,parameter,rows,truth,bias,spread,reported_sd,within_one_sd,within_two_sd,ksg_bias,ksg_spread");
  double one = 0, two = 0;
  for (std::size_t r = 0; r < rows.size(); ++r) {
    const toy& t = rows[r].what;
    const summary s = summarise(answers[r], t.truth);
    std::printf("%-18s %9.3g %6ld %8.4f %+8.4f %8.4f %9.4f %9.2f %6.0f %% %6.0f %% | %+8.4f %8.4f\n", t.name.c_str(), t.parameter, long(rows[r].n), t.truth, s.bias, s.spread, s.reported,
                s.reported / s.spread, 100 * s.within_one, 100 * s.within_two, s.ksg_bias, s.ksg_spread);
    toy_table.add(t.name, t.parameter, double(rows[r].n), t.truth, s.bias, s.spread, s.reported, s.within_one, s.within_two, s.ksg_bias, s.ksg_spread);
    if (t.name == "Gaussian" && t.parameter > 0) one += s.within_one / 3, two += s.within_two / 3;
  }
  out.write("toys.csv", toy_table);
  out.metric("gaussian_within_one_sd", one);
  out.metric("gaussian_within_two_sd", two);

  // ---- against the truth: one realisation of 200 rows at each of twenty parameters
  std::vector<toy> sweep;
  for (int i = 0; i < 20; ++i) sweep.push_back(gaussian(-0.99 + 1.98 * i / 19));
  for (int i = 0; i < 20; ++i) sweep.push_back(gamma_exponential(std::pow(10, -1 + 3.0 * i / 19)));
  for (int i = 0; i < 20; ++i) sweep.push_back(weinman(std::pow(10, -1 + 3.0 * i / 19)));
  std::vector<answer> swept(sweep.size());
  run_jobs(int(sweep.size()), threads, [&](int i) {
    const key k = root.fold(1000 + std::uint64_t(i));
    swept[std::size_t(i)] = estimate(sweep[std::size_t(i)].draw(200, k.fold(0)), k.fold(1), 10000);
  });
  for (std::string family : {"gaussian", "gammaexp", "weinman"}) {
    table t("parameter,truth,mean,sd,ksg");
    for (std::size_t i = 0; i < sweep.size(); ++i)
      if (sweep[i].family == family) t.add(sweep[i].parameter, sweep[i].truth, swept[i].mean, swept[i].sd, swept[i].ksg);
    out.write(family + ".csv", t);
  }
  auto panel = [](const std::string& file, const std::string& truth) {
    return "plot '" + file + "' using 1:3:4 skip 1 with yerrorbars lc rgb '#c03020' pt 7 ps 0.7 title 'mixtures', '' using 1:5 skip 1 with points lc rgb '#2060a0' pt 4 title 'KSG, k = 3', " + truth +
           " with lines lc rgb 'black' title 'truth'\n";
  };
  out.figure("truth", 1200, 400, "set multiplot layout 1,3 title 'One sample of 200 rows at each point'\nset samples 999\nset ylabel 'mutual information [nat]'\nset key top center\nset title 'Gaussian'\n"
                                 "set xlabel 'correlation'\nset xrange [-1.05:1.05]\nset xtics 0.5\nset yrange [-0.2:2.6]\n" + panel("gaussian.csv", "abs(x) < 1 ? -0.5 * log(1 - x * x) : NaN") +
                                     "set logscale x\nset autoscale x\nset xtics auto\nset key top right\nset xlabel 'alpha'\nset title 'gamma-exponential'\n" + panel("gammaexp.csv", "'' using 1:2 skip 1") +
                                     "set title 'ordered Weinman'\n" + panel("weinman.csv", "'' using 1:2 skip 1") + "unset multiplot\n");

  // ---- the fitted density of one sample
  const toy d5p = mixtures().back();
  const ndarray<double> x = d5p.draw(10000, root.fold(7));
  prob::estimate_mi<> e({}, {}, root.fold(8), threads);
  e.fit(x);
  const auto density = e.density();
  table points("x,y"), grid("x,y,density");
  for (index_t i = 0; i < 1500; ++i) points.add(x[2 * i], x[2 * i + 1]);
  std::string blocks = "x,y,density\n";
  char line[96];
  for (int i = 0; i <= 120; ++i) {
    for (int j = 0; j <= 120; ++j) {
      const double at[2] = {-5 + 11.0 * i / 120, -2.5 + 7.5 * j / 120};
      std::snprintf(line, sizeof line, "%g,%g,%g\n", at[0], at[1], std::exp(density.log_prob_at(at)));
      blocks += line;
    }
    blocks += "\n";
  }
  out.write("sample.csv", points);
  out.write("density.csv", blocks);
  out.figure("contours", 700, 560,
             "set table 'contours.dat'\nset contour base\nunset surface\nset cntrparam levels discrete 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2\nset dgrid3d 121,121,1\nunset dgrid3d\n"
             "splot 'density.csv' using 1:2:3 skip 1\nunset table\nset datafile separator whitespace\nset xrange [-5:6]\nset xlabel 'x'\nset ylabel 'y'\nset title 'D5p: density fitted to 10,000 rows, " + std::to_string(e.best_components()) +
                 " components (1,500 rows shown)'\nplot '< tr , \" \" < sample.csv' using 1:2 skip 1 with points pt 7 ps 0.25 lc rgb '#8090a0', 'contours.dat' using 1:2 with lines lc rgb '#c03020' lw 1.5\n");
  out.close();
}

void every_pair(const arguments& args) {
  const int threads = int(args.number("--threads", core_count()));
  const long seed = args.number("--seed", 1), bootstraps = args.number("--bootstraps", 50);
  named_table x = read_table(args.text("--data", "")), y = args.has("--targets") ? read_table(args.text("--targets", "")) : x;
  if (x.values.rows() != y.values.rows()) {   // whichever lies on its side
    if (x.values.rows() == y.values.dim(1)) transpose(y);
    else if (x.values.dim(1) == y.values.rows()) transpose(x);
    else if (x.values.dim(1) == y.values.dim(1)) transpose(x), transpose(y);
  }
  output_folder out(args.text("--out", "."), "gmm_mi", seed, {{"data", args.text("--data", "")}, {"targets", args.text("--targets", "")}, {"bootstraps", bootstraps}, {"threads", threads}},
                    backend::native<double>::name);
  if (args.has("--names")) read_names(args.text("--names", ""), x);
  const long every = args.number("--every", 1);
  if (every > 1) thin(x, every);
  if (args.has("--normal-scores")) x.values = prob::normal_scores(x.values), y.values = prob::normal_scores(y.values);
  prob::mi_matrix m;
  {
    train::progress_bar bar("pairs");
    m = prob::mutual_information_matrix(x.values, y.values,
                                        {.dist = {.n_bootstrap = int(bootstraps), .mc_samples = 20000},
                                         .randomness = key{std::uint64_t(seed)},
                                         .threads = threads,
                                         .progress = [&](const prob::mi_progress& p) { bar.on_batch({0, 1, p.done, p.total, p.total, 0, p.seconds}); }});
  }
  std::printf("mutual information [nat] of %ld rows, %ld x %ld pairs, %.1f s\n\n%-14s", long(x.values.rows()), long(m.rows), long(m.columns), m.seconds, "");
  for (index_t j = 0; j < m.columns; ++j) std::printf(" %16s", y.names[std::size_t(j)].substr(0, 16).c_str());
  table all("data,target,mean,sd,mc_error,components,degenerate");
  std::string map;
  double most = 0;
  for (index_t i = 0; i < m.rows; ++i) {
    std::printf("\n%-14s", x.names[std::size_t(i)].substr(0, 14).c_str());
    for (index_t j = 0; j < m.columns; ++j) {
      const prob::mi_estimate& e = m(i, j);
      if (std::isfinite(e.mean)) most = std::max(most, e.mean);
      std::printf("  %7.4f+-%.4f%s", e.mean, e.sd, e.degenerate ? "*" : " ");
      all.add(x.names[std::size_t(i)], y.names[std::size_t(j)], e.mean, e.sd, e.mc_error, double(e.components), e.degenerate ? 1.0 : 0.0);
      map += std::to_string(j) + "," + std::to_string(i) + "," + (std::isfinite(e.mean) ? std::to_string(e.mean) : "NaN") + "\n";
    }
  }
  std::printf("\n");
  std::vector<std::string> told;
  for (index_t i = 0; i < m.rows; ++i)
    for (index_t j = 0; j < m.columns; ++j)
      for (const std::string& w : m(i, j).warnings)
        if (std::find(told.begin(), told.end(), w) == told.end() && told.size() < 8) {
          told.push_back(w);
          std::printf("\n%s with %s: %s", x.names[std::size_t(i)].c_str(), y.names[std::size_t(j)].c_str(), w.c_str());
        }
  out.write("matrix.csv", all);
  out.write("map.csv", map);
  std::string ticks_x, ticks_y;
  for (index_t j = 0; j < m.columns; ++j) ticks_x += (j ? ", '" : "'") + y.names[std::size_t(j)] + "' " + std::to_string(j);
  for (index_t i = 0; i < m.rows; ++i) ticks_y += (i ? ", '" : "'") + x.names[std::size_t(i)] + "' " + std::to_string(i);
  out.figure("matrix", int(240 + 70 * m.columns), int(180 + 40 * m.rows),
             "set xtics (" + ticks_x + ") rotate by 45 right scale 0\nset ytics (" + ticks_y + ") scale 0\nset xrange [-0.5:" + std::to_string(double(m.columns) - 0.5) + "]\nset yrange [" + std::to_string(double(m.rows) - 0.5) +
                 ":-0.5]\nset cblabel 'mutual information [nat]'\nset palette defined (0 'white', 1 '#2060a0', 2 '#101030')\nset cbrange [0:*]\n"
                 "dark = " + std::to_string(most / 3) + "\nplot 'map.csv' using 1:2:3 with image, \\\n  '' using 1:2:($3 < dark ? sprintf('%.3f', $3) : '') with labels font 'sans,9', \\\n"
                 "  '' using 1:2:($3 >= dark ? sprintf('%.3f', $3) : '') with labels font 'sans,9' tc rgb 'white'\n");
  out.close();
}

}

int main(int argc, char** argv) {
  try {
    const arguments args(argc, argv, "Mutual information from Gaussian mixtures.",
                         {"--data FILE  a table (csv or npy) whose columns are to be paired", "--targets FILE  with the columns of this one (default: with one another)",
                          "--realisations N  of each toy distribution (30)", "--names FILE  what the columns of --data are called, one a line", "--every N  takes each N-th column of --data (1)",
                          "--normal-scores  maps every column to normal scores first: no hard edges, the same information", "--bootstraps N  of each pair (50)", "--threads N  (all cores)", "--seed N  (1)"});
    if (args.has("--data")) every_pair(args);
    else toys(args);
  } catch (const error& e) {
    std::fprintf(stderr, "%s\n", e.what());
    return 1;
  }
}
