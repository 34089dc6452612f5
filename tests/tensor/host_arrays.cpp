#include <cosmoml/backend/native.hpp>
#include <cosmoml/tensor.hpp>
#include <cosmoml/tensor/eigen.hpp>
#include <cosmoml/tensor/xtensor.hpp>

#include <doctest/doctest.h>

#include <array>
#include <span>
#include <vector>

using namespace cosmoml;
using B = backend::native<float>;

TEST_CASE("tensor: strided, Fortran-order and float64 arrays are read in place") {
  std::vector<double> memory(60);
  for (std::size_t i = 0; i < memory.size(); ++i) memory[i] = double(i);
  ndview<const double> fortran(memory.data(), 4, 3, 5);
  fortran.stride[0] = 1, fortran.stride[1] = 4, fortran.stride[2] = 12;
  CHECK(!fortran.rows_contiguous());
  CHECK(fortran(2, 1 * 5 + 3) == 2 + 4 + 3 * 12);
  const ndview<const double> plain(memory.data(), 4, 3, 5);
  CHECK(plain(2, 8) == 2 * 15 + 8);
  CHECK(plain.middle_rows(1, 2)(0, 0) == 15);
  CHECK_THROWS_AS(plain.middle_rows(3, 2), shape_mismatch);
}

TEST_CASE("tensor: the distance between neighbours of a row is known where there is one") {
  float memory[1] = {};
  ndview<float> v(memory, 4, 3, 5);
  CHECK(v.row_step() == 1);
  CHECK(v.rows_contiguous());
  auto step = [&](index_t s1, index_t s2) {
    v.stride[1] = s1, v.stride[2] = s2;
    return v.row_step();
  };
  CHECK(step(10, 2) == 2);    // every second element
  CHECK(step(-5, -1) == -1);  // backwards
  CHECK(step(4, 12) == 0);    // Fortran order
  CHECK(step(1, 0) == 0);     // one number for a whole axis
  CHECK(step(0, 1) == 0);
  v.dim[1] = 1;
  CHECK(step(99, 7) == 7);    // an axis of one element never moves
  v.dim[2] = 1;
  CHECK(step(99, 77) == 1);
  CHECK(ndview<float>(memory, 4).row_step() == 1);
}

TEST_CASE("tensor: what may be written into") {
  CHECK(WritableArray<std::vector<double>&>);
  CHECK(WritableArray<std::span<float>>);
  CHECK(WritableArray<Eigen::MatrixXd&>);
  CHECK(!WritableArray<const std::vector<double>&>);
  CHECK(!WritableArray<std::span<const float>>);
  CHECK(!WritableArray<std::vector<int>&>);
}

TEST_CASE("tensor: std::span and std::vector count samples by the sample's size") {
  std::vector<float> v(12);
  CHECK(as_samples(v, 4, "test").rows() == 3);
  CHECK(as_samples(std::span<const float>(v), 12, "test").rows() == 1);
  CHECK_THROWS_AS(as_samples(v, 5, "test"), shape_mismatch);
  CHECK_THROWS_AS(as_samples(ndarray<float>(3, 4), 5, "test"), shape_mismatch);
}

TEST_CASE("tensor/eigen: matrices of either storage order and blocks of them") {
  Eigen::MatrixXd column_major(3, 4);
  Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor> row_major(3, 4);
  for (int r = 0; r < 3; ++r)
    for (int c = 0; c < 4; ++c) column_major(r, c) = row_major(r, c) = 10 * r + c;
  for (const auto& v : {as_ndview(column_major), as_ndview(row_major)})
    for (int r = 0; r < 3; ++r)
      for (int c = 0; c < 4; ++c) CHECK(v(r, c) == 10 * r + c);
  const auto block = column_major.middleCols(1, 2);
  CHECK(as_ndview(block)(2, 1) == 22);
  const Eigen::VectorXd vector = column_major.col(2);
  CHECK(as_ndview(vector).rank == 1);
  ndarray<float> a(3, 2, 2);
  a[5] = 7;
  CHECK(to_eigen(a)(1, 1) == 7);
}

TEST_CASE("tensor/xtensor: arrays in place and back") {
  xt::xtensor<double, 3> x({2, 3, 1});
  for (std::size_t i = 0; i < 6; ++i) x.storage()[i] = double(i);
  const auto v = as_ndview(x);
  CHECK(v.rank == 3);
  CHECK(v(1, 2) == 5);
  ndarray<float> a(2, 3);
  a[4] = 9;
  const auto y = to_xtensor<2>(a);
  CHECK(y(1, 1) == 9);
  CHECK_THROWS_AS(to_xtensor<3>(a), shape_mismatch);
}

TEST_CASE("tensor: samples cross to a backend and come back, whatever its layout") {
  B::context c;
  ndarray<double> x(5, 3, 2);
  for (index_t i = 0; i < x.size(); ++i) x[i] = double(i) / 4;
  const tensor<B, shape<3, 2>> plain(c, x);
  const tensor<B, shape<3, 2>, first_axis_inner<shape<3, 2>, 8>> turned(c, x);
  const auto back = plain.to_host(c), back2 = turned.to_host(c);
  CHECK(back.rank() == 3);
  for (index_t i = 0; i < x.size(); ++i) {
    CHECK(back[i] == x[i]);
    CHECK(back2[i] == x[i]);
  }
  tensor<B, shape<3, 2>> empty(c, ndarray<float>(0, 3, 2));
  CHECK(empty.batch() == 0);
}

TEST_CASE("tensor/arena: measures first, then hands out; pieces of one lifetime share memory") {
  auto lay = [](arena<float>& a) {
    float* p = a.take(10);
    const index_t mark = a.mark();
    float* q = a.take(100);
    a.release(mark);
    float* r = a.take(20);
    return std::array{p, q, r};
  };
  arena<float> measure;
  lay(measure);
  CHECK(measure.size() == 16 + 112);
  std::vector<float> memory(std::size_t(measure.size()));
  arena<float> real(memory.data());
  const auto at = lay(real);
  CHECK(at[0] == memory.data());
  CHECK(at[1] == memory.data() + 16);
  CHECK(at[2] == at[1]);
}
