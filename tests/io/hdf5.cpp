// HDF5 files of h5py and our own, snapshots of particles, and files that are truncated or have a wrong bit. tests/golden/make_hdf5.py made the golden ones.
#include <cosmoml/core/key.hpp>
#include <cosmoml/io/gadget.hpp>
#include <cosmoml/io/hdf5_check.hpp>

#include <doctest/doctest.h>
#include <support/folder.hpp>
#include <support/scratch.hpp>
#include <support/terminal.hpp>

#include <csignal>
#include <cstdlib>
#include <string>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>
#include <utility>

using namespace cosmoml;
using tests::message, tests::says, tests::scratch;

// HDF5 1.10.8 keeps memory where a checksum of its own does not match (and says so at the end of the program); what we hold is counted below.
extern "C" const char* __lsan_default_suppressions() { return "leak:libhdf5"; }

namespace {
const std::string golden = std::string(tests::folder) + "/golden/hdf5/";

// How work ends in a process of its own: what it returns, or 1000 and the signal.
int alone(auto&& work) {
  const pid_t child = ::fork();
  if (child == 0) {
    for (const int signal : {SIGSEGV, SIGBUS, SIGABRT, SIGFPE, SIGILL}) std::signal(signal, SIG_DFL);   // doctest would report them as its own
    ::alarm(60);
    int status = 99;
    try {
      status = work();
    } catch (...) {
    }
    ::_exit(status);
  }
  int status = -1;
  ::waitpid(child, &status, 0);
  return WIFSIGNALED(status) ? 1000 + WTERMSIG(status) : WEXITSTATUS(status);
}
// Calls attempt(bytes, whether the size is the whole file's) for a file cut at about so many places, and with so many wrong bits.
void damaged(const io::bytes& whole, std::size_t cuts, std::uint64_t bits, auto&& attempt) {
  for (std::size_t cut = 0; cut < whole.size(); cut += 1 + whole.size() / cuts) attempt(io::bytes(whole.begin(), whole.begin() + std::ptrdiff_t(cut)), false);
  const key k{whole.size()};
  for (std::uint64_t i = 0; i < bits; ++i) {
    io::bytes b = whole;
    b[k.bits64(2 * i) % b.size()] ^= static_cast<unsigned char>(1u << k.bits64(2 * i + 1) % 8);
    attempt(b, true);
  }
}
void copy(const std::string& from, const std::string& to) {
  const io::bytes b = io::read_file(from);
  io::write_file(to, b.data(), b.size());
}
}

TEST_CASE("io/hdf5: reads what h5py wrote: any rank and byte order, packed, groups, attributes") {
  const io::hdf5_file f(golden + "arrays.hdf5");
  CHECK(f.names() == std::vector<std::string>{"empty", "f4", "inner", "names", "packed", "scalar", "sparse"});
  CHECK(f.names("inner") == std::vector<std::string>{"bool", "deep", "i2"});
  CHECK(f.shape("f4") == std::vector<index_t>{2, 3, 4});
  const auto a = f.read<float>("f4");
  for (index_t i = 0; i < 24; ++i) CHECK(a[i] == float(i) / 8);
  CHECK(f.read<double>("inner/deep/big_endian")[5] == 4.5);
  CHECK(f.read<int>("inner/i2")[0] == -300);
  CHECK(f.read<signed char>("inner/i2")[0] == -128);   // clamped
  CHECK(f.read<unsigned char>("inner/bool")[2] == 1);
  CHECK(f.read<long long>("scalar").extents() == std::vector<index_t>{1});
  CHECK(f.read<long long>("scalar")[0] == -5);
  CHECK(f.read<float>("empty").extents() == std::vector<index_t>{0, 4});
  const auto packed = f.read<int>("packed");
  for (index_t i = 0; i < 1000; ++i) CHECK(packed[i] == int(i) / 3);
  const auto part = f.read_rows<int>("packed", 30, 3);
  CHECK(part.extents() == std::vector<index_t>{3, 10});
  for (index_t i = 0; i < 30; ++i) CHECK(part[i] == int(300 + i) / 3);
  const auto sparse = f.read<double>("sparse");
  for (index_t i = 0; i < 20; ++i)
    for (index_t j = 0; j < 5; ++j) CHECK(sparse[5 * i + j] == (i >= 9 && i < 11 && j >= 1 && j < 4 ? double(3 * (i - 9) + j) : 7));
  CHECK(f.read_rows<int>("packed", 100, 0).size() == 0);
  CHECK(f.attribute<int>("inner", "count") == 42);
  CHECK(f.attributes<double>("/", "numbers") == std::vector<double>{1.5, 2.5, -1});
  CHECK(f.text_attribute("packed", "unit") == "Mpc/h");
  CHECK(f.text_attribute("/", "fixed") == "fixed text");
  CHECK(f.has("inner/deep/big_endian"));
  CHECK(!f.has("inner/shallow/big_endian"));
  CHECK(!f.has_attribute("inner", "unit"));
  CHECK(f.attribute_names("/") == std::vector<std::string>{"fixed", "numbers"});
  CHECK(io::detail::hdf5_walk(f, "/", 0) == 27);   // 8 arrays, 4 attributes, 12 lists of attributes, 3 of names
  io::check_hdf5(golden + "arrays.hdf5");
  says(message([&] { io::check_hdf5(golden + "none.hdf5"); }), "No such file");
}

TEST_CASE("io/hdf5: errors say which file, which array, what was asked and what is there") {
  const io::hdf5_file f(golden + "arrays.hdf5");
  says(message([&] { f.read<float>("inner/i4"); }), "reading inner/i4 of " + golden + "arrays.hdf5: no array of that name; inner holds bool, deep, i2; ask for one of those");
  says(message([&] { f.read<float>("outer/i4"); }), "there is no group outer");
  says(message([&] { f.read<float>("inner"); }), "reading inner");
  says(message([&] { f.read<float>("names"); }), "strings; ask for an array of numbers");
  says(message([&] { f.read_rows<int>("packed", 98, 3); }), "rows 98 to 101 are asked for and it has 100");
  says(message<invalid_argument>([&] { f.read_rows<int>("packed", -1, 3); }), "rows from -1");
  says(message([&] { f.attribute<double>("/", "numbers"); }), "3 numbers where one is asked for");
  says(message([&] { f.attribute<double>("/", "letters"); }), "attribute letters of /");
  says(message([&] { f.text_attribute("/", "numbers"); }), "floating-point numbers of 64 bits");
  says(message([&] { io::hdf5_file(golden + "none.hdf5"); }), "No such file");
  says(message([&] { io::hdf5_file(golden + "../make_hdf5.py"); }), "give an HDF5 file that is whole");
  says(message<invalid_argument>([&] { io::hdf5_file(golden + "arrays.hdf5").set_attribute("/", "x", 1); }), "hdf5_access::create");
}

TEST_CASE("io/hdf5: what is written comes back; a file that is not closed is none") {
  const scratch s;
  const std::string path = s.file("a.hdf5");
  ndarray<double> a(50, 3, 2);
  for (index_t i = 0; i < a.size(); ++i) a[i] = 1.0 / double(i + 1);
  {
    // region: write
    io::hdf5_file f(path, io::hdf5_access::create);
    f.write("fields/density", a, {.gzip = 4, .chunk_rows = 8});
    f.set_attribute("fields", "box_size", 25.0);
    f.set_attribute("fields/density", "unit", "Msun/h / (Mpc/h)^3");
    f.close();
    // end region
  }
  const auto old = io::read_file(path);
  {
    io::hdf5_file f(path, io::hdf5_access::create);
    f.write("other", std::vector<int>{1, 2});
  }
  CHECK(io::read_file(path) == old);
  CHECK(::access((path + ".part").c_str(), F_OK) != 0);
  // region: read
  const io::hdf5_file f(path);
  const ndarray<double> density = f.read<double>("fields/density");
  const double box = f.attribute<double>("fields", "box_size");
  // end region
  CHECK(density.extents() == a.extents());
  for (index_t i = 0; i < a.size(); ++i) CHECK(density[i] == a[i]);
  CHECK(box == 25);
  CHECK(f.text_attribute("fields/density", "unit") == "Msun/h / (Mpc/h)^3");
  io::hdf5_file g(s.file("b.hdf5"), io::hdf5_access::create);
  g.make_group("a/b");
  g.write("a/b/plain", std::vector<short>{1, -2, 3}, {.checksum = false});
  g.write("a/none", ndarray<float>(0, 7));
  g.set_attribute("a", "list", std::vector<std::int64_t>{1, 2, 3});
  says(message([&] { g.write("a/none", std::vector<int>{1}); }), "writing a/none");
  says(message([&] { g.set_attribute("nobody", "x", 1); }), "make its group or array first");
  g.close();
  const io::hdf5_file h(s.file("b.hdf5"));
  CHECK(h.read<int>("a/b/plain")[1] == -2);
  CHECK(h.shape("a/none") == std::vector<index_t>{0, 7});
  CHECK(h.attributes<int>("a", "list")[2] == 3);
}

TEST_CASE("io/gadget: a snapshot in two files") {
  // region: gadget
  const io::gadget_snapshot s(golden + "snapshot.0.hdf5");
  const ndarray<double> gas = s.positions<double>(0);   // (particles, 3)
  const double a = s.header().time, side = s.header().box_size;
  // end region
  CHECK(gas.extents() == std::vector<index_t>{5, 3});
  CHECK(a == 0.5);
  CHECK(side == 25000);
  CHECK(s.header().redshift == 1);
  CHECK(s.header().little_h == 0.6711);
  CHECK(s.header().particles == std::vector<std::uint64_t>{5, 9, 0, 0, 1, 0});
  for (index_t i = 0; i < 5; ++i) CHECK(gas[3 * i + 2] == double(i) + 0.75);
  const auto ids = s.ids(1);
  for (index_t i = 0; i < 9; ++i) CHECK(ids[i] == std::uint64_t(1000 + i));
  CHECK(s.velocities(1)[3 * 7 + 1] == -2014);
  CHECK(s.masses(1)[8] == 0.25f);
  CHECK(s.masses<double>(4)[0] == 250);
  CHECK(s.count(3) == 0);
  CHECK(s.positions(3).size() == 0);
  CHECK(s.fields(4) == std::vector<std::string>{"Coordinates", "Masses", "ParticleIDs", "Velocities"});
  says(message([&] { s.read<float>(0, "Density"); }), "PartType0 holds Coordinates, Masses, ParticleIDs, Velocities");
  says(message<invalid_argument>([&] { s.positions(6); }), "type 6 of 6");
  says(message([&] { io::gadget_snapshot(golden + "snapshot.1.hdf5"); }), "a snapshot of 2 files; give the first of them");
  says(message([&] { io::gadget_snapshot(golden + "arrays.hdf5"); }), "attribute NumPart_Total of Header");
  const scratch part;
  const auto first = io::read_file(golden + "snapshot.0.hdf5");
  io::write_file(part.file("a.0.hdf5"), first.data(), first.size());
  says(message([&] { io::gadget_snapshot(part.file("a.0.hdf5")); }), "a.1.hdf5");
  io::write_file(part.file("a.1.hdf5"), first.data(), first.size());
  says(message([&] { io::gadget_snapshot(part.file("a.0.hdf5")); }), "6 particles of type 0 in its files where the header says 5");
  io::hdf5_file many(part.file("many.hdf5"), io::hdf5_access::create);
  many.make_group("Header");
  for (const char* name : {"NumPart_Total", "NumPart_ThisFile"}) many.set_attribute("Header", name, std::vector<std::uint64_t>{std::uint64_t(1) << 50});
  many.set_attribute("Header", "MassTable", std::vector<double>{0.5});   // which would ask for memory by that number alone
  many.close();
  says(message([&] { io::gadget_snapshot(part.file("many.hdf5")); }), "1125899906842624 particles of type 0 in a file of");
}

TEST_CASE("io/hdf5: our own files: truncation and any wrong bit is an error or changes nothing") {
  const scratch s;
  ndarray<float> a(40, 6);
  for (index_t i = 0; i < a.size(); ++i) a[i] = float(i);
  {
    io::hdf5_file f(s.file("ours.hdf5"), io::hdf5_access::create);
    f.write("group/a", a, {.chunk_rows = 16});
    f.write("packed", a, {.gzip = 6, .chunk_rows = 16});
    f.set_attribute("/", "numbers", std::vector<double>{1, 2, 3});
    f.close();
  }
  const io::bytes whole = io::read_file(s.file("ours.hdf5"));
  int equal = 0, refused = 0, other = 0;
  const auto attempt = [&](const io::bytes& b) {
    io::write_file(s.file("damaged.hdf5"), b.data(), b.size());
    for (const char* name : {"group/a", "packed"}) try {
        const io::hdf5_file f(s.file("damaged.hdf5"));
        const auto back = f.read<float>(name);
        bool same = back.extents() == a.extents() && f.attributes<double>("/", "numbers") == std::vector<double>{1, 2, 3};
        for (index_t i = 0; same && i < a.size(); ++i) same = back[i] == a[i];
        ++(same ? equal : other);
      } catch (const io_error&) {
        ++refused;
      }
  };
  for (std::size_t cut = 0; cut < whole.size(); cut += 13) {
    attempt(io::bytes(whole.begin(), whole.begin() + std::ptrdiff_t(cut)));
    CHECK(equal == 0);
  }
  for (std::size_t i = 0; i < whole.size(); ++i) {
    io::bytes b = whole;
    b[i] ^= static_cast<unsigned char>(1u << i % 8);
    attempt(b);
  }
  MESSAGE(refused << " reads of damaged files refused, " << equal << " of which the damage touched nothing that is read");
  CHECK(other == 0);
  CHECK(refused > 1500);
  CHECK(H5Fget_obj_count(hid_t(H5F_OBJ_ALL), H5F_OBJ_ALL) == 0);
}

TEST_CASE("io/hdf5: nothing is printed, and what prints in the caller's program is as before, in every thread that HDF5 is built for") {
  const auto handler = [] {
    H5E_auto2_t print = nullptr;
    void* to = nullptr;
    H5Eget_auto2(H5E_DEFAULT, &print, &to);
    return std::pair(print, to);
  };
  const io::hdf5_file shared(golden + "arrays.hdf5");
  const auto work = [&](int own) {
    int mark = own;
    const H5E_auto2_t print = [](hid_t, void* to) -> herr_t {
      ++*static_cast<int*>(to);
      return 0;
    };
    H5Eset_auto2(H5E_DEFAULT, print, &mark);
    bool fine = true;
    for (int i = 0; i < 50; ++i) {
      const io::hdf5_file f(golden + "arrays.hdf5");
      fine = fine && f.read<double>("inner/deep/big_endian")[5] == 4.5 && shared.read<int>("packed")[999] == 333;
      fine = fine && message([&] { f.read<float>("none"); }).find("no array of that name") != std::string::npos;
      fine = fine && message([&] { shared.attribute<double>("/", "none"); }).find("ask for an attribute that is there") != std::string::npos;
      fine = fine && message([&] { io::hdf5_file(golden + "../make_hdf5.py"); }).find("give an HDF5 file that is whole") != std::string::npos;
      fine = fine && handler() == std::pair(print, static_cast<void*>(&mark)) && mark == own;
    }
    return fine;
  };
  const auto before = handler();
  bool several = false;
  H5is_library_threadsafe(&several);
  std::vector<char> fine(several ? 4 : 1);
  const std::string printed = tests::printed_by([&] {
    std::vector<std::thread> threads;
    for (std::size_t i = 0; i < fine.size(); ++i) threads.emplace_back([&, i] { fine[i] = work(int(i)); });
    for (auto& t : threads) t.join();
    message([&] { shared.read<float>("none"); });
  });
  CHECK(printed == "");
  for (const char f : fine) CHECK(f);
  if (several) CHECK(handler() == before);   // else it is the one that the thread has set
  H5Eset_auto2(H5E_DEFAULT, before.first, before.second);
  MESSAGE("HDF5 is built for ", std::string(several ? "several threads" : "one thread at a time"));
}

// Files in HDF5's oldest format have no checksums, and HDF5 1.10 crashes on some and reads freed memory for others when many go through one process. So
// each has a process of its own here, which must end by itself.
TEST_CASE("io/hdf5: files of others: truncated ones and wrong bits end in an error or in numbers") {
  const scratch s;
  int ended = 0;
  for (const std::string& original : {golden + "arrays.hdf5", golden + "snapshot.0.hdf5"}) {
    const std::string path = s.file("damaged.hdf5");
    damaged(io::read_file(original), 60, 150, [&](const io::bytes& b, bool whole_size) {
      io::write_file(path, b.data(), b.size());
      const int status = alone([&] {
        int opened = 0;
        try {
          const io::hdf5_file f(path);
          opened = whole_size ? 0 : 1;   // a truncated file must not open
          io::check_hdf5(path);
          io::detail::hdf5_walk(f, "/", 0);
        } catch (const io_error&) {
        }
        return opened;
      });
      ended += status == 0;
      CHECK(status == 0);
    });
  }
  CHECK(ended > 400);
}

namespace {
// Everything of a snapshot, each part an io_error or as many rows as the header has particles. 0: it was opened, 1: it was refused, 2: rows are missing.
int read_snapshot(const std::string& first, const io::gadget_options& o) {
  try {
    const io::gadget_snapshot g(first, o);
    bool whole = true;
    const auto part = [&](auto&& read, index_t n) {
      try {
        whole = read().rows() == n && whole;
      } catch (const io_error&) {
      }
    };
    for (int t = 0; t < int(g.header().particles.size()); ++t) {
      const index_t n = g.count(t);
      part([&] { return g.positions<double>(t); }, n);
      part([&] { return g.velocities(t); }, n);
      part([&] { return g.ids(t); }, n);
      part([&] { return g.masses(t); }, n);
    }
    return whole ? 0 : 2;
  } catch (const io_error&) {
    return 1;
  }
}
}

TEST_CASE("io/gadget: a snapshot with a file that is truncated or has a wrong bit is refused, or gives as many particles as it says") {
  const scratch s;
  const std::string names[] = {s.file("snap.0.hdf5"), s.file("snap.1.hdf5")};
  const io::gadget_options checked{.check = true};
  for (int i = 0; i < 2; ++i) copy(golden + "snapshot." + std::to_string(i) + ".hdf5", names[i]);
  CHECK(read_snapshot(names[0], {}) == 0);
  CHECK(read_snapshot(names[0], checked) == 0);
  int opened = 0, refused = 0, crashed = 0;
  for (int i = 0; i < 2; ++i) {
    const io::bytes whole = io::read_file(names[i]);
    const auto attempt = [&](const io::bytes& b, bool whole_size) {
      io::write_file(names[i], b.data(), b.size());
      const int status = alone([&] { return read_snapshot(names[0], checked); });
      CHECK((status == 1 || (status == 0 && whole_size)));
      ++(status == 0 ? opened : refused);
      const int bare = alone([&] { return read_snapshot(names[0], {}); });
      crashed += bare > 1000;
      if (bare != 0) CHECK(status == 1);   // what is checked is all of a file, and so may be refused where these fields are whole
      CHECK(bare != 2);
    };
    damaged(whole, 15, 90, attempt);
    for (const auto& [at, bit] : {std::pair(6231, 7), {6196, 3}, {10967, 7}}) {   // HDF5 1.10.8 crashes on the first file so
      io::bytes b = whole;
      b[std::size_t(at)] ^= static_cast<unsigned char>(1u << bit);
      attempt(b, true);
    }
    io::write_file(names[i], whole.data(), whole.size());
  }
  MESSAGE(refused, " damaged snapshots refused, ", opened, " opened; without a check the HDF5 library crashed on ", crashed);
  CHECK(refused > 32);   // those that were cut, and more
}
