// expect: coiflet<N> is known for N from 1 to 5
// shows: coiflet<6>
// cure: 5 at most
#include <cosmoml/wavelet.hpp>
using namespace cosmoml;
const wavelet::coiflet<6> filters;   // wrong
int main() {}
