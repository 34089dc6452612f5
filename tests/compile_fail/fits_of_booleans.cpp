// expect: FITS arrays are read as integers, float or double; read booleans as unsigned char
// shows: bool
// cure: `file.image<unsigned char>()`
#include <cosmoml/io/fits.hpp>
int main() {
  const cosmoml::io::fits_file file("mask.fits");
  return int(file.image<bool>().size());   // wrong
}
