/* What a simulation in C, C++ or Fortran sees of a network: three functions, nothing of the library. */
#ifdef __cplusplus
extern "C" {
#endif

struct cooling;

/* The network of a weights file, for so many threads. NULL where that fails, and message says why. */
struct cooling* cooling_open(const char* weights, int threads, char* message, int room);

/* rate(0:1, cell) of state(0:3, cell), both float64: neighbours of a cell lie `apart` numbers from one another, as in arrays
   state(cells, 4) and rate(cells, 2) of Fortran. Threads count from 0; each number is one thread's at a time. Not 0 where that fails. */
int cooling_rates(struct cooling* network, int thread, long cells, long apart, const double* state, double* rate);

void cooling_close(struct cooling* network);

#ifdef __cplusplus
}
#endif
