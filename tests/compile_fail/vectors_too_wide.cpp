// expect: COSMOML_VECTOR_BYTES is at most
// shows: COSMOML_VECTOR_BYTES
// cure: no number of yours, or `-march=native` with it: 16 with SSE and NEON, 32 with AVX2, 64 with AVX-512
#define COSMOML_VECTOR_BYTES 128   // wrong
#include <cosmoml/backend/native.hpp>
int main() {}
