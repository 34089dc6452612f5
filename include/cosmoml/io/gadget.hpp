// SPDX-License-Identifier: BSL-1.0
#pragma once
#include <cosmoml/io/hdf5_check.hpp>

#include <cstdint>

namespace cosmoml::inline COSMOML_ABI::io {

// What a snapshot says of itself. In the file's units: commonly lengths in comoving kpc/h, masses in 1e10 Msun/h, velocities in km/s times sqrt(a).
struct gadget_header {
  std::vector<std::uint64_t> particles;   // of each type, in all files: 0 gas, 1 dark matter, 4 stars, 5 black holes ...
  std::vector<double> masses;             // of each type whose particles all weigh the same; 0: each has its own
  int files = 1;
  double box_size = 0, time = 0, redshift = 0;                  // time: the scale factor a in cosmological runs
  double omega_matter = 0, omega_lambda = 0, little_h = 0;      // 0 where the file does not say
};

// Options of opening a snapshot.
struct gadget_options {
  bool check = false;   // read every file of it once in a process of its own before it is opened here: for copies that may be damaged (hdf5_check.hpp)
};

// Particles of a simulation by Gadget-2 to 4, AREPO (IllustrisTNG, CAMELS), Gizmo and others that write HDF5 snapshots: one file, or
// snapshot.0.hdf5, snapshot.1.hdf5 ... of which the first is given. Arrays of a type are those of all files, one after the other.
//   io::gadget_snapshot s("snap_033.0.hdf5");
//   ndarray<float> x = s.positions(1);
// Errors: io_error: a file of the set that is missing or damaged, numbers of particles that do not fit, fields that are not there (it lists those that are).
class gadget_snapshot {
public:
  explicit gadget_snapshot(std::string path, const gadget_options& o = {}) : path_(std::move(path)), options_(o) {
    open(path_);
    const hdf5_file& first = files_[0];
    const auto in_total = numbers(first, "NumPart_Total");
    header_.particles.assign(in_total.begin(), in_total.end());
    if (first.has_attribute("Header", "NumPart_Total_HighWord")) {
      const auto high = numbers(first, "NumPart_Total_HighWord");
      for (std::size_t t = 0; t < high.size() && t < header_.particles.size(); ++t) header_.particles[t] += high[t] << 32;
    }
    header_.masses.assign(header_.particles.size(), 0.0);
    if (first.has_attribute("Header", "MassTable")) {
      header_.masses = first.attributes<double>("Header", "MassTable");
      header_.masses.resize(header_.particles.size());
    }
    const auto one = [&](const char* name, double otherwise) { return first.has_attribute("Header", name) ? first.attribute<double>("Header", name) : otherwise; };
    header_.box_size = one("BoxSize", 0);
    header_.time = one("Time", 0);
    header_.redshift = one("Redshift", header_.time > 0 ? 1 / header_.time - 1 : 0);
    header_.omega_matter = one("Omega0", 0);
    header_.omega_lambda = one("OmegaLambda", 0);
    header_.little_h = one("HubbleParam", 0);
    const double files = one("NumFilesPerSnapshot", 1);
    expect<io_error>(files >= 1 && files <= 100000, ("reading " + path_).c_str(), "fetch the file again; it is damaged", files, " files a snapshot");
    header_.files = int(files);
    open_others();
    count();
  }

  const gadget_header& header() const { return header_; }
  index_t count(int type) const { return type >= 0 && std::size_t(type) < header_.particles.size() ? index_t(header_.particles[std::size_t(type)]) : 0; }
  // Fields of a type: "Coordinates", "Velocities" ...
  std::vector<std::string> fields(int type) const {
    for (std::size_t i = 0; i < files_.size(); ++i)
      if (in_file_[i][std::size_t(checked(type))] > 0) return files_[i].names(group(type));
    return {};
  }
  // A field of all particles of a type, (particles, ...).
  template <class T>
  ndarray<T> read(int type, const std::string& field) const {
    checked(type);
    std::vector<T> all;
    std::vector<index_t> extents{0};
    for (std::size_t i = 0; i < files_.size(); ++i) {
      const index_t n = in_file_[i][std::size_t(type)];
      if (n == 0) continue;
      const std::string name = group(type) + "/" + field;
      const ndarray<T> part = files_[i].read<T>(name);
      const std::vector<index_t> own(part.extents().begin() + 1, part.extents().end()), before(extents.begin() + 1, extents.end());
      if (part.rows() != n || (!all.empty() && own != before))
        throw io_error("reading " + name + " of " + files_[i].path(), detail::product_text(part.extents()) + text(" numbers for ", n, " particles"), "fetch the file again; it is damaged");
      if (all.empty()) extents.insert(extents.end(), own.begin(), own.end());
      all.insert(all.end(), part.begin(), part.end());
      extents[0] += n;
    }
    return ndarray<T>(std::move(extents), std::move(all));
  }
  // (particles, 3) each
  template <class T = float>
  ndarray<T> positions(int type) const {
    return read<T>(type, "Coordinates");
  }
  template <class T = float>
  ndarray<T> velocities(int type) const {
    return read<T>(type, "Velocities");
  }
  ndarray<std::uint64_t> ids(int type) const { return read<std::uint64_t>(type, "ParticleIDs"); }
  // The type's own mass where all have the same.
  template <class T = float>
  ndarray<T> masses(int type) const {
    const double each = header_.masses[std::size_t(checked(type))];
    if (each == 0) return read<T>(type, "Masses");
    ndarray<T> m(count(type));
    for (T& v : m) v = T(each);
    return m;
  }

private:
  static std::string group(int type) { return "PartType" + std::to_string(type); }
  static std::vector<std::uint64_t> numbers(const hdf5_file& f, const char* name) { return f.attributes<std::uint64_t>("Header", name); }
  int checked(int type) const {
    expect<invalid_argument>(type >= 0 && std::size_t(type) < header_.particles.size(), "gadget_snapshot", "ask for a type that the snapshot has", "type ", type, " of ", header_.particles.size());
    return type;
  }
  void open(const std::string& path) {
    if (options_.check) check_hdf5(path);
    files_.emplace_back(path);
  }
  void open_others() {
    if (header_.files == 1) return;
    const std::size_t zero = path_.rfind(".0.");
    if (zero == std::string::npos)
      throw io_error("reading " + path_, text("a snapshot of ", header_.files, " files"), "give the first of them, whose name has .0. before the ending");
    for (int i = 1; i < header_.files; ++i) open(path_.substr(0, zero + 1) + std::to_string(i) + path_.substr(zero + 2));
  }
  void count() {
    std::vector<std::uint64_t> sum(header_.particles.size(), 0);
    for (const hdf5_file& f : files_) {
      auto& here = in_file_.emplace_back();
      const auto n = numbers(f, "NumPart_ThisFile");
      for (std::size_t t = 0; t < sum.size(); ++t) {
        const std::uint64_t claimed = t < n.size() ? n[t] : 0;
        expect<io_error>(claimed <= f.room(), ("reading " + f.path()).c_str(), "fetch the file again; it is damaged", claimed, " particles of type ", t, " in a file of ", f.size(), " bytes");
        here.push_back(index_t(claimed));
        sum[t] += std::uint64_t(here.back());
      }
    }
    for (std::size_t t = 0; t < sum.size(); ++t)
      expect<io_error>(sum[t] == header_.particles[t], ("reading " + path_).c_str(), "fetch the snapshot again; a file of it is damaged or of another one", sum[t], " particles of type ", t, " in its files where the header says ",
                       header_.particles[t]);
  }

  std::string path_;
  gadget_options options_;
  gadget_header header_;
  std::vector<hdf5_file> files_;
  std::vector<std::vector<index_t>> in_file_;
};

}
