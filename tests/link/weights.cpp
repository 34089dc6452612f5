// Writes weights for the programs in C and Fortran, and prints what they must print: rates of three cells.
#include "../docs/embedding/cooling_model.hpp"

#include <cosmoml/io/state_dict.hpp>

#include <cstdio>

int main(int, char** file) {
  cooling_model m(cosmoml::key{4});
  cosmoml::io::save_weights(file[1], m);
  cosmoml::ndarray<double> state(3, 4);
  for (int cell = 0; cell < 3; ++cell)
    for (int a = 0; a < 4; ++a) state[cell * 4 + a] = 0.5 * (cell + 1) - a;
  const auto rate = m.predict(state);
  for (int cell = 0; cell < 3; ++cell) std::printf("%9.4f %9.4f\n", double(rate[2 * cell]), double(rate[2 * cell + 1]));
}
