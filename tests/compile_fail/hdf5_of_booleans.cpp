// expect: HDF5 arrays hold integers, float or double here; read booleans as unsigned char
// shows: bool
// flags: -I/usr/include/hdf5/serial
// cure: `file.read<unsigned char>("observed")`
#include <cosmoml/io/hdf5.hpp>
int main() {
  const cosmoml::io::hdf5_file file("flags.h5");
  return int(file.read<bool>("observed").size());   // wrong
}
