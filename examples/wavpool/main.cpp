// SPDX-License-Identifier: BSL-1.0
// WavPool against a dense and a convolutional network on real images, as in McDermott, Voetberg and Nord 2023 (arXiv 2306.08734).
#include "../support/arguments.hpp"
#include "../support/jobs.hpp"
#include "baselines.hpp"
#include "figures.hpp"

using namespace cosmoml;
using namespace examples;
namespace wp = papers::wavpool;

// The three networks of the paper for one data set, with the authors' settings and what their stored runs reached.
constexpr int models = 3;
constexpr const char* names[models] = {"WavPool", "CNN", "MLP"};
template <class WavPool, class Convolutional, class Linear>
struct contest {
  using wavpool = WavPool;
  using convolutional = Convolutional;
  using linear = Linear;
  static constexpr int side = WavPool::input_extents[0];
  static constexpr index_t parameters[models] = {WavPool::parameter_count, Convolutional::parameter_count, Linear::parameter_count};
  std::string name;
  std::vector<std::string> classes;
  wp::settings settings[models];
  double published[models];
};
const contest<wp::tuned_28, wp::cnn_fashion, wp::baseline_fashion> fashion{
    "fashion", {"T-shirt", "trouser", "pullover", "dress", "coat", "sandal", "shirt", "sneaker", "bag", "boot"},
    {wp::tuned_fashion, wp::cnn_fashion_settings, wp::linear_fashion}, {wp::fashion_accuracy.wavpool, wp::fashion_accuracy.convolutional, wp::fashion_accuracy.linear}};
const contest<wp::tuned_28, wp::cnn_mnist, wp::baseline_mnist> mnist{
    "mnist", {"0", "1", "2", "3", "4", "5", "6", "7", "8", "9"},
    {wp::tuned_mnist, wp::cnn_mnist_settings, wp::linear_mnist}, {wp::mnist_accuracy.wavpool, wp::mnist_accuracy.convolutional, wp::mnist_accuracy.linear}};
const contest<wp::tuned_32, wp::cnn_cifar, wp::baseline_cifar> cifar{
    "cifar", {"airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck"},
    {wp::tuned_cifar, wp::cnn_cifar_settings, wp::linear_cifar}, {wp::cifar_accuracy.wavpool, wp::cifar_accuracy.convolutional, wp::cifar_accuracy.linear}};

template <class Contest>
void hold(const Contest& c, const labelled& data, const arguments& args) {
  expect<invalid_argument>(data.side() == Contest::side, "wavpool", "choose the settings that belong to the images: --settings fashion, mnist or cifar",
                           "images ", data.side(), " pixels wide, for settings of ", Contest::side, " pixels");
  const int seeds = int(args.number("--seeds", 3)), epochs = int(args.number("--epochs", c.settings[0].epochs));
  const int threads = int(args.number("--threads", core_count()));
  const long seed = args.number("--seed", 1);
  expect<invalid_argument>(seeds > 0 && epochs > 0, "wavpool", "give one or more seeds and epochs", seeds, " seeds, ", epochs, " epochs");
  const auto sizes = part_sizes(data.images.rows(), {c.settings[0].training, c.settings[0].validation, c.settings[0].test});
  output_folder out(args.text("--out", "."), "wavpool", seed,
                    {{"settings", c.name}, {"seeds", seeds}, {"epochs", epochs}, {"training", sizes[0]}, {"validation", sizes[1]}, {"test", sizes[2]},
                     {"batch", c.settings[0].batch_size}, {"learning_rate", {{"wavpool", c.settings[0].learning_rate}, {"cnn", c.settings[1].learning_rate}, {"mlp", c.settings[2].learning_rate}}}},
                    device::name);

  std::printf("%s\n", nn::model<typename Contest::wavpool, device>::summary().c_str());
  std::printf("%ld images train, %ld validate, %ld test; %d seeds, at most %d epochs, %d threads\n\n", long(sizes[0]), long(sizes[1]), long(sizes[2]), seeds, epochs, threads);

  std::vector<run> runs;   // the three in turn, three runs a seed
  for (int i = 0; i < models * seeds; ++i) runs.push_back({"", {}, {}, 0, 0, train::confusion({}, {}, 10), 0});
  {
    train::progress_bar bar("WavPool, CNN and MLP", models * seeds);
    run_jobs(models * seeds, threads, [&](int i) {
      auto progress = bar.task(i);
      const int m = i % models;
      const key k = key{std::uint64_t(seed)}.fold(std::uint64_t(i));
      run& r = runs[std::size_t(i)];
      if (m == 0) r = train_once<typename Contest::wavpool>(names[m], data, c.settings[m], epochs, k, progress);
      else if (m == 1) r = train_baseline<typename Contest::convolutional>(names[m], data, c.settings[m], epochs, k, progress);
      else r = train_baseline<typename Contest::linear>(names[m], data, c.settings[m], epochs, k, progress);
    });
  }

  // Which accuracy: the best epoch on the validation images, mean over seeds, as the authors' stored runs give it.
  std::printf("%-8s %10s  %-26s %8s %10s %9s %9s %9s %7s\n", "model", "parameters", "best validation, per seed", "mean", "authors'", "test acc.", "test F1", "test AUC", "epochs");
  table rows("model,seed,best_accuracy,best_sample_accuracy,test_accuracy,test_f1,test_auc,test_auc_of_hard_labels,epochs,seconds");
  for (int m = 0; m < models; ++m) {
    double mean = 0, test = 0, f1 = 0, auc = 0;
    std::string each, epochs_run;
    for (int s = 0; s < seeds; ++s) {
      const run& r = runs[std::size_t(models * s + m)];
      mean += r.best_accuracy / seeds, test += r.test.accuracy() / seeds, f1 += r.test.macro_f1() / seeds, auc += r.test_auc / seeds;
      char text[16];
      std::snprintf(text, sizeof text, "%.4f ", r.best_accuracy);
      each += text;
      epochs_run += (s ? "," : "") + std::to_string(r.report.history.size());
      rows.add(r.model, double(s), r.best_accuracy, r.best_sample_accuracy, r.test.accuracy(), r.test.macro_f1(), r.test_auc, r.test.roc_auc_of_hard_labels(),
               double(r.report.history.size()), r.report.seconds);
    }
    const std::string name = names[m];
    std::printf("%-8s %10ld  %-26s %8.4f %10.4f %9.4f %9.4f %9.4f %7s\n", name.c_str(), long(Contest::parameters[m]),
                each.c_str(), mean, c.published[m], test, f1, auc, epochs_run.c_str());
    out.metric(name + ".best_validation_accuracy", mean);
    out.metric(name + ".published_accuracy", c.published[m]);
    out.metric(name + ".test_accuracy", test);
    out.metric(name + ".test_f1", f1);
    out.metric(name + ".test_auc", auc);
  }
  out.write("runs.csv", rows);
  draw_curves(out, runs, models, seeds);
  draw_confusion(out, runs[0].test, c.classes, "WavPool on " + std::to_string(sizes[2]) + " test images, first seed");
  draw_bands(out, data);
  out.close();
}

int main(int argc, char** argv) try {
  const arguments args(argc, argv, "WavPool and its baselines, dense and convolutional, on images, at the paper's settings.",
                       {"--data FOLDER  MNIST or Fashion-MNIST (idx files), or CIFAR-10 (data_batch_*.bin); default: Debian's Fashion-MNIST",
                        "--settings NAME  fashion, mnist or cifar; default: by the folder's kind (idx of your own: mnist)", "--seeds N  runs of each network (3)",
                        "--epochs N  at most (120)", "--seed N  the key of everything random (1)", "--threads N  runs side by side (all cores)"});
  const std::string folder = args.text("--data", "/usr/share/datasets/fashion-mnist");
  const labelled data = read_images(folder);
  const std::string settings = args.text("--settings", data.side() == 32 ? "cifar" : args.has("--data") ? "mnist" : "fashion");
  if (settings == "fashion") hold(fashion, data, args);
  else if (settings == "mnist") hold(mnist, data, args);
  else if (settings == "cifar") hold(cifar, data, args);
  else throw invalid_argument("wavpool", "--settings " + settings, "use fashion, mnist or cifar");
} catch (const std::exception& e) {
  std::fprintf(stderr, "%s\n", e.what());
  return 1;
}
