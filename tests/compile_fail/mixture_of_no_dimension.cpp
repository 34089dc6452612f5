// expect: a mixture has at least one dimension; write mixture<2>, or mixture<> for any
// shows: mixture<0>
// cure: `prob::mixture<>` where the number of dimensions is known at run time only
#include <cosmoml/prob.hpp>
using cosmoml::prob::mixture;
int main() {
  return int(sizeof(mixture<0>));   // wrong
}
