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
  // region: files
  io::write_npy("a.npy", a);
  const ndarray<double> again = io::read_npy<double>("a.npy");   // converted
  io::npz().add("a", a).add("b", b).write("both.npz");
  const ndarray<long long> counts = io::npz("both.npz").get<long long>("b");
  io::write_csv("a.csv", a, {"x", "y", "z"});
  const io::csv columns = io::read_csv("a.csv");   // .names, .values
  // end region
  CHECK(again[5] == 6);
  CHECK(counts[1] == 1ll << 40);
  CHECK(columns.values[5] == 6);
  for (const char* file : {"a.npy", "both.npz", "a.csv"}) std::remove(file);
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

TEST_CASE("io/csv: signs, numbers beyond double (zero or infinite), and what is no number") {
  auto parse = [](const std::string& s) { return io::parse_csv(io::bytes(s.begin(), s.end()), "memory"); };
  const auto a = parse("+1.5,1e400,-1e400,1e-400,NaN,-0.25\n");
  CHECK(a.values[0] == 1.5);
  CHECK(a.values[1] == INFINITY);
  CHECK(a.values[2] == -INFINITY);
  CHECK(a.values[3] == 0);
  CHECK(std::isnan(a.values[4]));
  const ndarray<double> values({1, 4}, {0.1, 1e300, 5e-324, -1.0 / 3});
  const auto back = parse(io::csv_text(values));
  for (index_t i = 0; i < 4; ++i) CHECK(back.values[i] == values[i]);
  for (const char* wrong : {"1\n+-2\n", "1\n0x10\n", "1\n1.5f\n", "1\n1 2\n"}) CHECK_THROWS_AS(parse(wrong), io_error);
}

TEST_CASE("io/npz: zip64, as Python writes it and as we do; members that overlap are refused") {
  const std::string corpus = std::string(tests::folder) + "/fuzz/corpus/npz/";
  for (const char* name : {"stored", "deflated", "stored_zip64", "deflated_zip64"}) {
    INFO(name);
    const io::npz z(corpus + name);
    CHECK(z.names() == std::vector<std::string>{"a", "b"});
    CHECK(z.get<float>("a")[1] == 2);
    CHECK(z.get<int>("b").extents() == std::vector<index_t>{4, 40});
  }
  CHECK(io::npz(corpus + "wide_stored").get<float>("a")[1] == 2);
  CHECK(io::npz(corpus + "wide_deflated").get<int>("a").extents() == std::vector<index_t>{4, 40});
  io::npz z;
  z.add("a", ndarray<float>({2, 3}, {1, 2, 3, 4, 5, 6})).add("b", ndarray<int>({1}, {7}));
  for (const std::uint64_t from : {0, 100, 200, 300, 1000}) {
    const auto back = io::npz::parse(z.packed(from), "memory");
    CHECK(back.get<float>("a")[5] == 6);
    CHECK(back.get<int>("b")[0] == 7);
  }
  const io::bytes whole = z.packed(0);
  for (std::size_t cut = 0; cut < whole.size(); ++cut) CHECK_THROWS_AS(io::npz::parse(io::bytes(whole.begin(), whole.begin() + std::ptrdiff_t(cut)), "memory"), io_error);
  io::bytes wrong = z.packed();   // one member, named by the directory many times over
  const io::bytes directory(wrong.end() - 22 - 2 * 51, wrong.end() - 22), end(wrong.end() - 22, wrong.end());
  wrong.resize(wrong.size() - 22);
  const std::size_t at = wrong.size() - directory.size();
  for (int i = 0; i < 20; ++i) wrong.insert(wrong.end(), directory.begin(), directory.end());
  wrong.insert(wrong.end(), end.begin(), end.end());
  const std::size_t tail = wrong.size() - 22;
  wrong[tail + 8] = wrong[tail + 10] = 42;
  for (int i = 0; i < 4; ++i) wrong[tail + 16 + std::size_t(i)] = static_cast<unsigned char>(at >> 8 * i);
  CHECK_THROWS_WITH_AS(io::npz::parse(wrong, "memory"), doctest::Contains("its members overlap"), io_error);
}
