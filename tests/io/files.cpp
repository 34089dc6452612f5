#include <cosmoml/io.hpp>

#include <doctest/doctest.h>
#include <support/folder.hpp>
#include <support/scratch.hpp>

#include <string>

using namespace cosmoml;

using tests::message, tests::says;

namespace {
struct folder : tests::scratch {
  using scratch::file;
  std::string file(const char* name, const io::bytes& b) const {
    const std::string p = file(name);
    io::write_file(p, b.data(), b.size());
    return p;
  }
};
io::bytes small_idx() { return {0, 0, 8, 2, 0, 0, 0, 2, 0, 0, 0, 3, 1, 2, 3, 4, 5, 255}; }
}

TEST_CASE("io/idx: reads what is there") {
  const folder f;
  const auto a = io::read_idx(f.file("a", small_idx()));
  CHECK(a.rank() == 2);
  CHECK(a.dim(1) == 3);
  CHECK(a[5] == 255);
}

TEST_CASE("io/idx: says what is wrong with a file that is missing, truncated, or of another kind") {
  const folder f;
  says(message([&] { io::read_idx(f.path + "/none"); }), "No such file");
  io::bytes b = small_idx();
  b.pop_back();
  says(message([&] { io::read_idx(f.file("short", b)); }), "5 bytes of elements where the header says 2 x 3");
  b.resize(9);
  says(message([&] { io::read_idx(f.file("header", b)); }), "inside its header");
  b = small_idx();
  b[2] = 0x0d;
  says(message([&] { io::read_idx(f.file("float", b)); }), "elements of type 13");
  says(message([&] { io::read_idx(f.file("text", {'h', 'e', 'l', 'l', 'o'})); }), "two zero bytes");
  CHECK(message([&] { io::read_idx(f.file("empty", {})); }) != "no error");
  b = small_idx();
  for (std::size_t i = 4; i < 12; ++i) b[i] = 255;   // extents whose product is beyond any memory
  says(message([&] { io::read_idx(f.file("huge", b)); }), "truncated");
}

TEST_CASE("io/gzip: unpacks, and tells a damaged file") {
  const folder f;
  const std::string plain = f.file("x", small_idx());
  REQUIRE(std::system(("gzip -k " + plain).c_str()) == 0);
  CHECK(io::read_idx(plain + ".gz").size() == 6);
  io::bytes packed = io::read_file(plain + ".gz");
  packed.resize(packed.size() - 10);
  says(message([&] { io::read_idx(f.file("cut.gz", packed)); }), "ends too early");
  packed = io::read_file(plain + ".gz");
  packed[12] ^= 0x7f;
  CHECK(message([&] { io::read_idx(f.file("bad.gz", packed)); }) != "no error");
}

TEST_CASE("io/npy: round trips and conversions") {
  const folder f;
  ndarray<double> a(3, 4, 5);
  for (index_t i = 0; i < a.size(); ++i) a[i] = 0.1 * double(i);
  io::write_npy(f.path + "/a.npy", a);
  const auto b = io::read_npy<double>(f.path + "/a.npy");
  CHECK(b.extents() == a.extents());
  for (index_t i = 0; i < a.size(); ++i) CHECK(b[i] == a[i]);
  CHECK(io::read_npy<float>(f.path + "/a.npy")[7] == float(a[7]));
  std::vector<int> v{1, -2, 3};
  io::write_npy(f.path + "/v.npy", v);
  CHECK(io::read_npy<double>(f.path + "/v.npy")[1] == -2);
  CHECK(io::read_npy<double>(f.path + "/v.npy").rank() == 1);
  io::write_npy(f.path + "/e.npy", ndarray<float>(0, 7));
  CHECK(io::read_npy<float>(f.path + "/e.npy").size() == 0);
}

TEST_CASE("io/npy: files that NumPy wrote: Fortran order, scalar, integers, bool") {
  const std::string golden = std::string(tests::folder) + "/golden/npy/";
  const auto fortran = io::read_npy<double>(golden + "fortran_f8.npy");
  CHECK(fortran.dim(0) == 2);
  for (index_t i = 0; i < 24; ++i) CHECK(fortran[i] == double(i));
  CHECK(io::read_npy<int>(golden + "scalar_i4.npy")[0] == -7);
  CHECK(io::read_npy<float>(golden + "row_u1.npy")[2] == 255);
  CHECK(io::read_npy<int>(golden + "bool.npy")[1] == 1);
  says(message([&] { io::read_npy<double>(golden + "complex.npy"); }), "<c16");
  says(message([&] { io::read_npy<double>(golden + "big_endian.npy"); }), "big-endian");
}

TEST_CASE("io/npy: every truncation of a file is an error, never a crash") {
  ndarray<float> a(2, 3);
  const io::bytes whole = io::npy_bytes(a);
  for (std::size_t n = 0; n < whole.size(); ++n)
    CHECK_THROWS_AS(io::parse_npy<float>(io::bytes(whole.begin(), whole.begin() + std::ptrdiff_t(n)), "part"), io_error);
  CHECK(io::parse_npy<float>(whole, "whole").size() == 6);
}

TEST_CASE("io/npy_file: rows of any kind, one range at a time") {
  const folder f;
  ndarray<std::int16_t> a(index_t(7), index_t(3), index_t(2));
  for (index_t i = 0; i < a.size(); ++i) a[i] = std::int16_t(3 * i - 50);
  io::write_npy(f.path + "/a.npy", a);
  const io::npy_file file(f.path + "/a.npy");
  CHECK(file.shape() == std::vector<index_t>{7, 3, 2});
  CHECK(file.row_size() == 6);
  std::vector<float> rows(18);
  for (index_t first = 0; first + 3 <= 7; ++first) {
    file.read_rows(first, 3, rows.data());
    for (index_t i = 0; i < 18; ++i) CHECK(rows[std::size_t(i)] == float(a[6 * first + i]));
  }
  file.read_rows(7, 0, rows.data());
  CHECK_THROWS_AS(file.read_rows(5, 3, rows.data()), invalid_argument);
  CHECK_THROWS_AS(file.read_rows(-1, 1, rows.data()), invalid_argument);
  const std::string golden = std::string(tests::folder) + "/golden/npy/";
  says(message([&] { io::npy_file(golden + "fortran_f8.npy"); }), "numpy.ascontiguousarray");
  says(message([&] { io::npy_file(golden + "complex.npy"); }), "elements of type");
  says(message([&] { io::npy_file(golden + "big_endian.npy"); }), "big-endian");
  says(message([&] { io::npy_file{f.path}; }), "not a file");
  says(message([&] { io::npy_file(f.path + "/none.npy"); }), "none.npy");
  const auto whole = io::read_file(f.path + "/a.npy");
  for (std::size_t n = 0; n < whole.size(); n += 3) CHECK(message([&] { io::npy_file(f.file("cut.npy", io::bytes(whole.begin(), whole.begin() + std::ptrdiff_t(n)))); }) != "no error");
}
TEST_CASE("io/cifar: records and the formula for grey") {
  const folder f;
  io::bytes b(2 * 3073, 0);
  b[0] = 3, b[1] = 100, b[1 + 1024] = 200, b[1 + 2048] = 50, b[3073] = 9;
  const auto r = io::read_cifar10(f.file("c.bin", b));
  CHECK(r.labels == std::vector<int>{3, 9});
  const auto g = io::grey(r.images);
  CHECK(g.rows() == 2);
  CHECK(g[0] == doctest::Approx((0.299 * 100 + 0.587 * 200 + 0.114 * 50) / 255));
  b.pop_back();
  says(message([&] { io::read_cifar10(f.file("short.bin", b)); }), "3073");
  b.push_back(0);
  b[0] = 10;
  says(message([&] { io::read_cifar10(f.file("label.bin", b)); }), "label 10");
}

TEST_CASE("io/file: a write that cannot be finished leaves the old file alone") {
  const folder f;
  const std::string p = f.file("keep", {1, 2, 3});
  says(message([&] { io::write_file(f.path + "/no/such/folder/x", "a", 1); }), "No such file");
  CHECK(io::read_file(p).size() == 3);
}

TEST_CASE("io: a header that claims more than its file holds is an error that says so, before memory is asked for") {
  const std::string corpus = std::string(tests::folder) + "/fuzz/corpus/";
  says(message([&] { io::read_npy<double>(corpus + "npy/huge"); }), "4 bytes of elements where the header says (1073741824, 1073741824)");
  says(message([&] { io::read_idx(corpus + "idx/huge"); }), "0 bytes of elements where the header says 4294967295 x 4294967295 x 0");
  says(message([&] { io::read_safetensors(corpus + "safetensors/huge"); }), "with more elements than bytes");
  CHECK(io::read_npy<float>(corpus + "npy/empty").extents() == std::vector<index_t>{0, index_t(1) << 40});
  const ndarray<float> rows_of_nothing(index_t(1) << 40, index_t(0));   // found by the fuzz target: written at once, not row by row
  CHECK(io::parse_npy<float>(io::npy_bytes(rows_of_nothing), "memory").extents() == rows_of_nothing.extents());
  std::string dims = "(0, 1099511627776, 1099511627776)";   // no elements, and strides beyond any integer
  std::string header = "{'descr': '<f4', 'fortran_order': False, 'shape': " + dims + "}\n";
  io::bytes b{0x93, 'N', 'U', 'M', 'P', 'Y', 1, 0, static_cast<unsigned char>(header.size()), 0};
  b.insert(b.end(), header.begin(), header.end());
  says(message([&] { io::parse_npy<float>(b, "memory"); }), "0 bytes of elements where the header says " + dims);
}

TEST_CASE("io/npy: numbers that are no whole numbers of the kind asked for are refused") {
  const ndarray<double> a({4}, {-128.9, 127.9, 3, -0.5});
  CHECK(io::parse_npy<signed char>(io::npy_bytes(a), "memory")[0] == -128);
  CHECK(io::parse_npy<unsigned char>(io::npy_bytes(ndarray<float>({2}, {-0.5f, 255.5f})), "memory")[1] == 255);
  for (const double v : {128.0, -129.0, double(NAN), double(INFINITY)})
    says(message([&] { io::parse_npy<signed char>(io::npy_bytes(ndarray<double>({2}, {1, v})), "memory"); }), "as element 1 where whole numbers of 1 bytes are asked for");
  CHECK(io::parse_npy<int>(io::npy_bytes(ndarray<float>({1}, {-2147483648.0f})), "memory")[0] == -2147483647 - 1);
  CHECK(message([&] { io::parse_npy<int>(io::npy_bytes(ndarray<float>({1}, {2147483648.0f})), "memory"); }) != "no error");
}

TEST_CASE("io/gzip: members one after the other are one file, as gunzip has it") {
  const auto a = io::read_idx(std::string(tests::folder) + "/fuzz/corpus/idx/two_members");
  CHECK(a.extents() == std::vector<index_t>{2, 3});
  CHECK(a[5] == 255);
}
