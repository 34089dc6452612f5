/* What a simulation in C, C++ or Fortran sees of a network: three functions, nothing of the library. */
#ifdef __cplusplus
extern "C" {
#endif

struct cooling;

/* The network of a weights file, for so many threads. NULL where that fails, and message says why. */
struct cooling* cooling_open(const char* weights, int threads, char* message, int room);

/* rate(cells, 2) of state(cells, 4), float64 arrays of Fortran: a cell's numbers are `apart` numbers from one another. Threads count from 0;
   each number is one thread's at a time. Not 0 where that fails. */
int cooling_rates(struct cooling* network, int thread, long cells, long apart, const double* state, double* rate);

void cooling_close(struct cooling* network);

#ifdef __cplusplus
}
#endif
