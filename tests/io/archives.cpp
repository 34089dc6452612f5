// npz archives of NumPy and our own, csv files, and mixtures kept in them.
#include <cosmoml/io/csv.hpp>
#include <cosmoml/prob/mixture_file.hpp>

#include <doctest/doctest.h>
#include <support/folder.hpp>

using namespace cosmoml;

TEST_CASE("io/npz: reads NumPy's archives, stored and deflated") {
  for (const char* name : {"stored.npz", "deflated.npz"}) {
    INFO(name);
    const std::string path = std::string(tests::folder) + "/golden/npy/" + name;
    const io::npz z(path);
    CHECK(z.names() == std::vector<std::string>{"counts", "covariances_", "means_", "weights_"});
    const auto counts = z.get<int>("counts");
    CHECK(counts.extents() == std::vector<index_t>{10, 100});
    CHECK(counts[999] == 142);
    const auto m = prob::load_mixture<2>(path);
    CHECK(m.weight(1) == 0.75);
    CHECK(m.covariance(0, 0, 1) == 0.5);
    CHECK_THROWS_WITH_AS(z.get<float>("mean"), doctest::Contains("the file holds counts, covariances_, means_, weights_"), io_error);
    CHECK_THROWS_AS(prob::load_mixture<3>(path), shape_mismatch);
  }
}

TEST_CASE("io/npz: what is written comes back; damage is found wherever it is") {
  const ndarray<float> a({2, 3}, {1, 2, 3, 4, 5, 6});
  const ndarray<long long> b({2}, {-1, 1ll << 40});
  io::npz z;
  z.add("a", a).add("b", b);
  const io::bytes packed = z.packed();
  const auto back = io::npz::parse(packed, "memory");
  CHECK(back.get<float>("a")[5] == 6);
  CHECK(back.get<long long>("b")[1] == 1ll << 40);
  int refused = 0;
  for (std::size_t cut = 0; cut < packed.size(); cut += 7) {
    const io::bytes part(packed.begin(), packed.begin() + std::ptrdiff_t(cut));
    try {
      io::npz::parse(part, "memory");
    } catch (const io_error&) {
      ++refused;
    }
  }
  CHECK(refused == int((packed.size() + 6) / 7));
  for (std::size_t i = 0; i < packed.size(); ++i) {   // no crash, whatever byte is wrong
    io::bytes wrong = packed;
    wrong[i] ^= 0x55;
    try {
      const auto read = io::npz::parse(wrong, "memory");
      for (const auto& name : read.names()) (void)read.get<double>(name);
    } catch (const error&) {
    }
  }
}

TEST_CASE("prob/mixture_file: a mixture comes back to the bit") {
  const prob::mixture<> m(std::vector<double>{0.1, 0.9}, ndarray<double>({2, 3}, {1, 2, 3, 4, 5, 1.0 / 3}), ndarray<double>({2, 3, 3}, {1, 0, 0, 0, 2, 0.3, 0, 0.3, 1, 4, 0, 0, 0, 5, 0, 0, 0, 6}));
  const std::string path = "cosmoml_test_mixture.npz";
  prob::save(path, m);
  const auto back = prob::load_mixture(path);
  CHECK(back.parameters().weight == m.parameters().weight);
  CHECK(back.parameters().mean == m.parameters().mean);
  CHECK(back.parameters().covariance == m.parameters().covariance);
  std::remove(path.c_str());
  CHECK_THROWS_AS(prob::load_mixture("no/such/file.npz"), io_error);
}

TEST_CASE("io/csv: names, separators, gaps and mistakes") {
  auto parse = [](const std::string& s) { return io::parse_csv(io::bytes(s.begin(), s.end()), "memory"); };
  const auto a = parse("# made by hand\nx, \"y\"\n1,2\r\n3,\n-1e3,nan\n");
  CHECK(a.names == std::vector<std::string>{"x", "y"});
  CHECK(a.values.extents() == std::vector<index_t>{3, 2});
  CHECK(a.values[4] == -1000);
  CHECK(std::isnan(a.values[3]));
  CHECK(parse("1  2 3\n4 5   6").values[5] == 6);
  CHECK(parse("1\t2\n3\t4\n").values[2] == 3);
  CHECK(parse("1;2\n").values[1] == 2);
  CHECK_THROWS_WITH_AS(parse("1,2\n3\n"), doctest::Contains("1 fields in line 2 after lines of 2"), io_error);
  CHECK_THROWS_WITH_AS(parse("1,2\n3,abc\n"), doctest::Contains("'abc' in line 2"), io_error);
  CHECK_THROWS_AS(parse("x,y\n"), io_error);
  CHECK_THROWS_AS(parse(""), io_error);
  io::write_csv("cosmoml_test.csv", a.values, a.names);
  const auto back = io::read_csv("cosmoml_test.csv");
  CHECK(back.names == a.names);
  CHECK(back.values[0] == 1);
  std::remove("cosmoml_test.csv");
}
