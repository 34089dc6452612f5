/* The network of docs/embedding.md from C. */
#include "../docs/embedding/cooling.h"

#include <stdio.h>

int main(int count, char** file) {
  char message[500];
  double state[4][3], rate[2][3];   /* as Fortran's state(3, 4) */
  int cell, a;
  struct cooling* network = cooling_open(file[count - 1], 1, message, (int)sizeof message);
  if (!network) return puts(message), 1;
  for (cell = 0; cell < 3; ++cell)
    for (a = 0; a < 4; ++a) state[a][cell] = 0.5 * (cell + 1) - a;
  if (cooling_rates(network, 0, 3, 3, state[0], rate[0])) return 1;
  for (cell = 0; cell < 3; ++cell) printf("%9.4f %9.4f\n", rate[0][cell], rate[1][cell]);
  cooling_close(network);
  return 0;
}
