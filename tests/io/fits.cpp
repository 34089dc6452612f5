// FITS files of astropy and our own; files that are truncated or have a wrong bit. tests/golden/make_fits.py made the golden one.
#include <cosmoml/core/key.hpp>
#include <cosmoml/io/fits.hpp>

#include <doctest/doctest.h>
#include <support/folder.hpp>
#include <support/scratch.hpp>

#include <cstdlib>
#include <string>

using namespace cosmoml;
using tests::message, tests::says, tests::scratch;

namespace {
const std::string golden = std::string(tests::folder) + "/golden/fits/parts.fits", golden_packed = std::string(tests::folder) + "/golden/fits/packed.fits";
// Reads all there is, as far as it can be read.
int everything(const io::fits_file& f) {
  int n = 0;
  const auto attempt = [&](auto&& call) {
    try {
      call();
      ++n;
    } catch (const error&) {
    }
  };
  int parts = 0;
  attempt([&] { parts = f.parts(); });
  for (int p = 0; p < parts && p < 50; ++p) {
    attempt([&] { f.image<double>(p); });
    attempt([&] { f.key<double>(p, "EXPTIME"); });
    attempt([&] { f.text_key(p, "OBJECT"); });
    attempt([&] {
      for (const std::string& c : f.columns(p)) {
        attempt([&] { f.column<float>(p, c); });
        attempt([&] { f.text_column(p, c); });
      }
    });
  }
  return n;
}
}

TEST_CASE("io/fits: reads what astropy wrote: images, scaled, blank and packed ones, tables, keywords") {
  const io::fits_file f(golden);
  CHECK(f.parts() == 5);
  CHECK(f.shape() == std::vector<index_t>{2, 3, 4});
  const auto a = f.image<float>();
  for (index_t i = 0; i < 24; ++i) CHECK(a[i] == float(i) / 8);
  CHECK(f.key<double>(0, "EXPTIME") == 12.5);
  CHECK(f.key<int>(0, "NEXP") == 3);
  CHECK(f.text_key(0, "OBJECT") == "a galaxy");
  CHECK(!f.has_key(0, "FILTER"));
  const auto scaled = f.image<double>(f.find("SCALED"));
  CHECK(scaled[0] == 10.5);
  CHECK(std::isnan(scaled[2]));
  CHECK(scaled[5] == 13);
  CHECK(f.image<unsigned short>(2)[2] == 65535);
  CHECK(f.image<float>(2)[1] == 40000);
  // region: columns
  const int stars = f.find("STARS");
  const ndarray<double> ra = f.column<double>(stars, "ra");        // (rows)
  const ndarray<float> magnitudes = f.column<float>(stars, "mag");   // (rows, 4)
  const std::vector<std::string> names = f.text_column(stars, "name");
  // end region
  CHECK(f.is_table(stars));
  CHECK(f.rows(stars) == 3);
  CHECK(f.columns(stars) == std::vector<std::string>{"ra", "mag", "id", "name", "good", "any"});
  CHECK(ra[2] == 359.75);
  CHECK(magnitudes.extents() == std::vector<index_t>{3, 4});
  CHECK(magnitudes[11] == 11);
  CHECK(f.column<long long>(stars, "id")[2] == 1ll << 40);
  CHECK(names == std::vector<std::string>{"M31", "NGC 1365", "x"});
  CHECK(f.column<int>(stars, "good")[1] == 0);
  CHECK(f.column<int>(stars, "good")[2] == 1);
  for (const auto& packed : {f.image<int>(4, {.trust_packed = true}), io::fits_file(golden_packed).image<int>(1)}) {
    CHECK(packed.extents() == std::vector<index_t>{20, 20});
    for (index_t i = 0; i < 400; ++i) CHECK(packed[i] == int(i) / 7);
  }
  says(message([&] { f.image<int>(4); }), "a packed image without a checksum");
}

TEST_CASE("io/fits: errors say which file, which part, what was asked and what is there") {
  const io::fits_file f(golden);
  says(message([&] { io::fits_file("none.fits"); }), "reading none.fits: No such file");
  says(message([&] { io::fits_file(std::string(tests::folder) + "/golden/make_fits.py"); }), "give a FITS file that is whole");
  says(message([&] { f.image<float>(9); }), "reading part 9 of " + golden);
  says(message([&] { f.find("GALAXIES"); }), "looking for GALAXIES");
  says(message([&] { f.column<float>(3, "dec"); }), "the table has ra, mag, id, name, good, any");
  says(message([&] { f.column<float>(3, "name"); }), "texts; read it with text_column");
  says(message([&] { f.column<float>(3, "any"); }), "rows of any length");
  says(message([&] { f.text_column(3, "ra"); }), "numbers; read it with column");
  says(message([&] { f.columns(0); }), "an image; ask for a table");
  says(message([&] { f.image<signed char>(2); }), "overflow");
  says(message([&] { f.key<int>(0, "FILTER"); }), "keyword FILTER");
  says(message([&] { f.key<int>(0, "EXPTIME"); }), "keyword EXPTIME: the value 12.5");
  says(message([&] { f.key<double>(0, "OBJECT"); }), "the value 'a galaxy'");
  CHECK(f.key<double>(0, "NEXP") == 3);
  says(message<invalid_argument>([&] { io::fits_file(golden).add_image(std::vector<int>{1}); }), "fits_access::create");
}

TEST_CASE("io/fits: what is written comes back; a file that is not closed is none") {
  const scratch s;
  const std::string path = s.file("a.fits");
  ndarray<double> a(3, 5);
  for (index_t i = 0; i < a.size(); ++i) a[i] = 1.0 / double(i + 1);
  {
    // region: write
    io::fits_file f(path, io::fits_access::create);
    f.add_image(a);
    f.set_key("EXPTIME", 12.5);
    f.add_table<float>("STARS", {{"ra", ndarray<float>({2}, {1.5f, 2.5f})}, {"mag", ndarray<float>({2, 3}, {1, 2, 3, 4, 5, 6})}});
    f.close();
    // end region
  }
  const auto old = io::read_file(path);
  {
    io::fits_file f(path, io::fits_access::create);
    f.add_image(std::vector<int>{1, 2});
  }
  CHECK(io::read_file(path) == old);
  REQUIRE(std::system(("gzip -k " + path).c_str()) == 0);
  CHECK(io::fits_file(path + ".gz").image<double>()[14] == a[14]);
  // region: read
  const io::fits_file f(path);
  const ndarray<double> image = f.image<double>();
  const double seconds = f.key<double>(0, "EXPTIME");
  // end region
  CHECK(image.extents() == a.extents());
  for (index_t i = 0; i < a.size(); ++i) CHECK(image[i] == a[i]);
  CHECK(seconds == 12.5);
  CHECK(f.column<double>(f.find("STARS"), "mag")[5] == 6);
  io::fits_file g(s.file("b.fits"), io::fits_access::create);
  g.add_image(std::vector<unsigned char>{1, 255});
  g.add_image(std::vector<unsigned short>{1, 65535});
  g.add_image(std::vector<signed char>{-128, 127});
  g.add_image(std::vector<std::int64_t>{-1, std::int64_t(1) << 60});
  g.add_table<std::uint32_t>("IDS", {{"id", ndarray<std::uint32_t>({2}, {7, 4000000000u})}});
  g.set_key("MADE_BY", "a test");
  g.close();
  const io::fits_file h(s.file("b.fits"));
  CHECK(h.image<int>(0)[1] == 255);
  CHECK(h.image<int>(1)[1] == 65535);
  CHECK(h.image<int>(2)[0] == -128);
  CHECK(h.image<std::int64_t>(3)[1] == std::int64_t(1) << 60);
  CHECK(h.column<std::uint32_t>(4, "id")[1] == 4000000000u);
  CHECK(h.text_key(4, "MADE_BY") == "a test");
}

TEST_CASE("io/fits: truncated files and wrong bits end in an error or in numbers; our own tell every damage of what is read") {
  const scratch s;
  ndarray<float> a(30, 4);
  for (index_t i = 0; i < a.size(); ++i) a[i] = float(i);
  {
    io::fits_file f(s.file("ours.fits"), io::fits_access::create);
    f.add_image(a);
    f.add_table<float>("T", {{"x", a}});
    f.close();
  }
  int read = 0, refused = 0, wrong = 0;
  for (const std::string& original : {golden, golden_packed, s.file("ours.fits")}) {
    const bool ours = original == s.file("ours.fits");
    const io::bytes whole = io::read_file(original);
    const std::string path = s.file("damaged.fits");
    const auto attempt = [&](const io::bytes& b) {
      io::write_file(path, b.data(), b.size());
      const auto one = [&](auto&& values) {
        try {
          const auto back = values(io::fits_file(path));
          bool same = back.extents() == a.extents();
          for (index_t i = 0; same && i < a.size(); ++i) same = back[i] == a[i];
          wrong += !same;
        } catch (const io_error&) {
        }
      };
      try {
        const io::fits_file f(path);
        everything(f);
        ++read;
      } catch (const io_error&) {
        ++refused;
      }
      if (ours) one([](const io::fits_file& f) { return f.image<float>(0); }), one([](const io::fits_file& f) { return f.column<float>(1, "x"); });
    };
    for (std::size_t cut = 0; cut < whole.size(); cut += 1 + whole.size() / 150) attempt(io::bytes(whole.begin(), whole.begin() + std::ptrdiff_t(cut)));
    const key k{whole.size()};
    for (std::uint64_t i = 0; i < 700; ++i) {
      io::bytes b = whole;
      b[k.bits64(2 * i) % b.size()] ^= static_cast<unsigned char>(1u << k.bits64(2 * i + 1) % 8);
      attempt(b);
    }
  }
  MESSAGE(read << " damaged files could be opened, " << refused << " not");
  CHECK(read > 1000);
  CHECK(refused > 50);
  CHECK(wrong == 0);
}
