// SPDX-License-Identifier: BSL-1.0
// The ConvNet and the ResNet18 of DeepAdversaries (Ciprijanovic et al. 2022, arXiv 2112.14299) on images that everybody has.
#include "../support/arguments.hpp"
#include "../support/output.hpp"
#include "figures.hpp"
#include "seeds.hpp"

using namespace cosmoml;
using namespace examples;

namespace {

const std::vector<std::string> fashion_classes{"T-shirt", "trouser", "pullover", "dress", "coat", "sandal", "shirt", "sneaker", "bag", "boot"};
const std::vector<std::string> cifar_classes{"airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck"};
const std::vector<std::string> digits{"0", "1", "2", "3", "4", "5", "6", "7", "8", "9"};

// Mean 0 and variance 1 over all pixels of the training images.
labelled standardised(const labelled& data, index_t training) {
  labelled r = data;
  double sum = 0, squares = 0;
  const index_t n = training * data.images.row_size();
  for (index_t i = 0; i < n; ++i) sum += data.images[i], squares += double(data.images[i]) * data.images[i];
  const double mean = sum / double(n), sd = std::sqrt(std::max(squares / double(n) - mean * mean, 1e-12));
  for (float& v : r.images) v = float((v - mean) / sd);
  return r;
}

void train_both(const arguments& args, const labelled& raw, const labelled& data, const training_plan& plan, const std::vector<std::string>& classes, bool grey) {
  const long seed = args.number("--seed", 1);
  output_folder out(args.text("--out", "."), "images", seed,
                    {{"training", plan.parts[0]}, {"validation", plan.parts[1]}, {"test", plan.parts[2]}, {"epochs", plan.epochs}, {"batch", plan.batch}, {"learning_rate", plan.learning_rate}},
                    backend::native<float>::name);
  const std::vector<std::string> names{"ConvNet", "ResNet18"};
  std::vector<trained> networks;
  std::printf("%-10s %10s %8s %12s %12s %10s %9s %9s\n", "network", "parameters", "seconds", "images/s", "loss", "validation", "test acc.", "test F1");
  const auto labels = std::span<const int>(data.labels).subspan(std::size_t(plan.parts[0] + plan.parts[1]), std::size_t(plan.parts[2]));
  std::vector<train::confusion> tables;
  for (std::size_t i = 0; i < names.size(); ++i) {
    {
      train::progress_bar bar(names[i]);
      auto progress = bar.task(0);
      const key k = key{std::uint64_t(seed)}.fold(i);
      networks.push_back(i == 0 ? train_convnet(data, plan, k, progress) : train_resnet18(data, plan, k, progress));
    }
    const trained& t = networks.back();
    tables.emplace_back(labels, train::most_likely(t.scores), int(classes.size()));
    std::printf("%-10s %10ld %8.1f %12.0f %12.4f %10.4f %9.4f %9.4f\n", names[i].c_str(), long(t.parameters), t.report.seconds,
                double(plan.parts[0]) * plan.epochs / t.report.seconds, t.report.history.back().loss, t.accuracy.back(), tables.back().accuracy(), tables.back().macro_f1());
    std::fflush(stdout);
    out.metric(names[i] + ".validation_accuracy", t.accuracy.back());
    out.metric(names[i] + ".test_accuracy", tables.back().accuracy());
    out.metric(names[i] + ".test_f1", tables.back().macro_f1());
    out.metric(names[i] + ".seconds", t.report.seconds);
  }
  draw_filters(out, names, networks, grey);
  draw_curves(out, names, networks);
  const std::size_t best = tables[1].accuracy() > tables[0].accuracy();
  draw_mistakes(out, names[best], raw, plan.parts[0] + plan.parts[1], networks[best].scores, classes);
  draw_confusion(out, tables[best], classes, names[best] + " on " + std::to_string(plan.parts[2]) + " test images");
  out.close();
}

}

int main(int argc, char** argv) try {
  const arguments args(argc, argv, "The ConvNet and the ResNet18 of DeepAdversaries on small images.",
                       {"--data FOLDER  MNIST or Fashion-MNIST (idx files), or CIFAR-10 (data_batch_*.bin); default: Debian's Fashion-MNIST",
                        "--images N  that train (10000); a fifth as many validate, and test", "--epochs N  of both networks (8)", "--seed N  the key of everything random (1)",
                        "--compare-winograd SEEDS  instead: the ConvNet with Winograd's convolutions and with direct sums, so many seeds each"});
  const std::string folder = args.text("--data", "/usr/share/datasets/fashion-mnist");
  const labelled raw = read_images(folder, colours::three);
  const bool cifar = raw.side() == 32;
  expect<invalid_argument>(cifar || raw.side() == 28, "images", "use images 28 or 32 pixels wide", "images ", raw.side(), " pixels wide");
  const int images = int(args.number("--images", 10'000));
  expect<invalid_argument>(images >= 5, "images", "train on five or more images", "--images ", images);
  training_plan plan{part_sizes(raw.images.rows(), {images, images / 5, images / 5}), int(args.number("--epochs", 8))};
  if (plan.parts[0] % plan.batch == 1) --plan.parts[0];   // a batch norm of one sample, with maps of one pixel, has no variance
  expect<invalid_argument>(plan.epochs > 0, "images", "train for one or more epochs", "--epochs ", plan.epochs);
  const labelled data = standardised(raw, plan.parts[0]);
  const auto say_sizes = [&] {
    std::printf("%ld images of %s train, %ld validate, %ld test; %d epochs\n\n", long(plan.parts[0]), folder.c_str(), long(plan.parts[1]), long(plan.parts[2]), plan.epochs);
    std::fflush(stdout);
  };
  if (args.has("--compare-winograd")) {
    const int seeds = int(args.number("--compare-winograd", 5));
    const long seed = args.number("--seed", 1);
    constexpr index_t most_validated = 10'000;
    expect<invalid_argument>(seeds > 0 && !cifar, "images", "compare over one or more seeds, on images 28 pixels wide", seeds, " seeds, ", raw.side(), " pixels");
    if (raw.images.rows() > images + most_validated) plan.parts = {images, most_validated, 1};   // no more noise in the accuracies than need be
    output_folder out(args.text("--out", "."), "images", seed, {{"compare_winograd", seeds}, {"training", plan.parts[0]}, {"validation", plan.parts[1]}, {"epochs", plan.epochs}, {"batch", plan.batch}},
                      backend::native<float>::name);
    say_sizes();
    compare_winograd(out, data, plan, seeds, seed);
    out.close();
  } else {
    say_sizes();
    train_both(args, raw, data, plan, cifar ? cifar_classes : args.has("--data") ? digits : fashion_classes, !cifar);
  }
} catch (const std::exception& e) {
  std::fprintf(stderr, "%s\n", e.what());
  return 1;
}
