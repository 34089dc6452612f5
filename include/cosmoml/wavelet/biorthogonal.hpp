// SPDX-License-Identifier: BSL-1.0
// Made by tests/golden/make_filters.py.
#pragma once
#include <cosmoml/wavelet/wavelet.hpp>

namespace cosmoml::inline COSMOML_ABI::wavelet {

// The biorthogonal spline wavelets of Cohen, Daubechies and Feauveau (1992): PyWavelets' biorR.D, with R vanishing moments for
// reconstruction and D for decomposition. Filters are padded with zeros to the same even length.
template <int R, int D>
struct biorthogonal {
  static_assert(R < 0, "cosmoml: biorthogonal<R, D> is known for 1,1 1,3 1,5 2,2 2,4 2,6 2,8 3,1 3,3 3,5 3,7 3,9 4,4 5,5 and 6,8");
};
// Its filters of decomposition and reconstruction exchanged: PyWavelets' rbioR.D.
template <int R, int D>
struct reverse_biorthogonal {
  static_assert(R < 0, "cosmoml: reverse_biorthogonal<R, D> is known for the numbers for which biorthogonal<R, D> is");
};

template <>
struct biorthogonal<1, 1> : dual<biorthogonal<1, 1>, 2> {
  static constexpr const char* name = "bior1.1";
  static constexpr std::array<double, 2> low{
      0.7071067811865476, 0.7071067811865476};
  static constexpr std::array<double, 2> dual_low{
      0.7071067811865476, 0.7071067811865476};
};
template <>
struct reverse_biorthogonal<1, 1> : reversed_dual<reverse_biorthogonal<1, 1>, biorthogonal<1, 1>> {
  static constexpr const char* name = "rbio1.1";
};
template <>
struct biorthogonal<1, 3> : dual<biorthogonal<1, 3>, 6> {
  static constexpr const char* name = "bior1.3";
  static constexpr std::array<double, 6> low{
      -0.08838834764831845, 0.08838834764831845, 0.7071067811865476, 0.7071067811865476,
      0.08838834764831845, -0.08838834764831845};
  static constexpr std::array<double, 6> dual_low{
      0.0, 0.0, 0.7071067811865476, 0.7071067811865476,
      0.0, 0.0};
};
template <>
struct reverse_biorthogonal<1, 3> : reversed_dual<reverse_biorthogonal<1, 3>, biorthogonal<1, 3>> {
  static constexpr const char* name = "rbio1.3";
};
template <>
struct biorthogonal<1, 5> : dual<biorthogonal<1, 5>, 10> {
  static constexpr const char* name = "bior1.5";
  static constexpr std::array<double, 10> low{
      0.016572815184059706, -0.016572815184059706, -0.12153397801643785, 0.12153397801643785,
      0.7071067811865476, 0.7071067811865476, 0.12153397801643785, -0.12153397801643785,
      -0.016572815184059706, 0.016572815184059706};
  static constexpr std::array<double, 10> dual_low{
      0.0, 0.0, 0.0, 0.0,
      0.7071067811865476, 0.7071067811865476, 0.0, 0.0,
      0.0, 0.0};
};
template <>
struct reverse_biorthogonal<1, 5> : reversed_dual<reverse_biorthogonal<1, 5>, biorthogonal<1, 5>> {
  static constexpr const char* name = "rbio1.5";
};
template <>
struct biorthogonal<2, 2> : dual<biorthogonal<2, 2>, 6> {
  static constexpr const char* name = "bior2.2";
  static constexpr std::array<double, 6> low{
      0.0, -0.1767766952966369, 0.3535533905932738, 1.0606601717798212,
      0.3535533905932738, -0.1767766952966369};
  static constexpr std::array<double, 6> dual_low{
      0.0, 0.3535533905932738, 0.7071067811865476, 0.3535533905932738,
      0.0, 0.0};
};
template <>
struct reverse_biorthogonal<2, 2> : reversed_dual<reverse_biorthogonal<2, 2>, biorthogonal<2, 2>> {
  static constexpr const char* name = "rbio2.2";
};
template <>
struct biorthogonal<2, 4> : dual<biorthogonal<2, 4>, 10> {
  static constexpr const char* name = "bior2.4";
  static constexpr std::array<double, 10> low{
      0.0, 0.03314563036811941, -0.06629126073623882, -0.1767766952966369,
      0.4198446513295126, 0.9943689110435825, 0.4198446513295126, -0.1767766952966369,
      -0.06629126073623882, 0.03314563036811941};
  static constexpr std::array<double, 10> dual_low{
      0.0, 0.0, 0.0, 0.3535533905932738,
      0.7071067811865476, 0.3535533905932738, 0.0, 0.0,
      0.0, 0.0};
};
template <>
struct reverse_biorthogonal<2, 4> : reversed_dual<reverse_biorthogonal<2, 4>, biorthogonal<2, 4>> {
  static constexpr const char* name = "rbio2.4";
};
template <>
struct biorthogonal<2, 6> : dual<biorthogonal<2, 6>, 14> {
  static constexpr const char* name = "bior2.6";
  static constexpr std::array<double, 14> low{
      0.0, -0.006905339660024878, 0.013810679320049757, 0.04695630968816917,
      -0.1077232986963881, -0.16987135563661201, 0.4474660099696121, 0.966747552403483,
      0.4474660099696121, -0.16987135563661201, -0.1077232986963881, 0.04695630968816917,
      0.013810679320049757, -0.006905339660024878};
  static constexpr std::array<double, 14> dual_low{
      0.0, 0.0, 0.0, 0.0,
      0.0, 0.3535533905932738, 0.7071067811865476, 0.3535533905932738,
      0.0, 0.0, 0.0, 0.0,
      0.0, 0.0};
};
template <>
struct reverse_biorthogonal<2, 6> : reversed_dual<reverse_biorthogonal<2, 6>, biorthogonal<2, 6>> {
  static constexpr const char* name = "rbio2.6";
};
template <>
struct biorthogonal<2, 8> : dual<biorthogonal<2, 8>, 18> {
  static constexpr const char* name = "bior2.8";
  static constexpr std::array<double, 18> low{
      0.0, 0.0015105430506304422, -0.0030210861012608843, -0.012947511862546647,
      0.02891610982635418, 0.05299848189069094, -0.13491307360773605, -0.16382918343409023,
      0.46257144047591653, 0.9516421218971786, 0.46257144047591653, -0.16382918343409023,
      -0.13491307360773605, 0.05299848189069094, 0.02891610982635418, -0.012947511862546647,
      -0.0030210861012608843, 0.0015105430506304422};
  static constexpr std::array<double, 18> dual_low{
      0.0, 0.0, 0.0, 0.0,
      0.0, 0.0, 0.0, 0.3535533905932738,
      0.7071067811865476, 0.3535533905932738, 0.0, 0.0,
      0.0, 0.0, 0.0, 0.0,
      0.0, 0.0};
};
template <>
struct reverse_biorthogonal<2, 8> : reversed_dual<reverse_biorthogonal<2, 8>, biorthogonal<2, 8>> {
  static constexpr const char* name = "rbio2.8";
};
template <>
struct biorthogonal<3, 1> : dual<biorthogonal<3, 1>, 4> {
  static constexpr const char* name = "bior3.1";
  static constexpr std::array<double, 4> low{
      -0.3535533905932738, 1.0606601717798212, 1.0606601717798212, -0.3535533905932738};
  static constexpr std::array<double, 4> dual_low{
      0.1767766952966369, 0.5303300858899106, 0.5303300858899106, 0.1767766952966369};
};
template <>
struct reverse_biorthogonal<3, 1> : reversed_dual<reverse_biorthogonal<3, 1>, biorthogonal<3, 1>> {
  static constexpr const char* name = "rbio3.1";
};
template <>
struct biorthogonal<3, 3> : dual<biorthogonal<3, 3>, 8> {
  static constexpr const char* name = "bior3.3";
  static constexpr std::array<double, 8> low{
      0.06629126073623882, -0.1988737822087165, -0.15467960838455727, 0.9943689110435825,
      0.9943689110435825, -0.15467960838455727, -0.1988737822087165, 0.06629126073623882};
  static constexpr std::array<double, 8> dual_low{
      0.0, 0.0, 0.1767766952966369, 0.5303300858899106,
      0.5303300858899106, 0.1767766952966369, 0.0, 0.0};
};
template <>
struct reverse_biorthogonal<3, 3> : reversed_dual<reverse_biorthogonal<3, 3>, biorthogonal<3, 3>> {
  static constexpr const char* name = "rbio3.3";
};
template <>
struct biorthogonal<3, 5> : dual<biorthogonal<3, 5>, 12> {
  static constexpr const char* name = "bior3.5";
  static constexpr std::array<double, 12> low{
      -0.013810679320049757, 0.04143203796014927, 0.052480581416189075, -0.26792717880896527,
      -0.07181553246425873, 0.966747552403483, 0.966747552403483, -0.07181553246425873,
      -0.26792717880896527, 0.052480581416189075, 0.04143203796014927, -0.013810679320049757};
  static constexpr std::array<double, 12> dual_low{
      0.0, 0.0, 0.0, 0.0,
      0.1767766952966369, 0.5303300858899106, 0.5303300858899106, 0.1767766952966369,
      0.0, 0.0, 0.0, 0.0};
};
template <>
struct reverse_biorthogonal<3, 5> : reversed_dual<reverse_biorthogonal<3, 5>, biorthogonal<3, 5>> {
  static constexpr const char* name = "rbio3.5";
};
template <>
struct biorthogonal<3, 7> : dual<biorthogonal<3, 7>, 16> {
  static constexpr const char* name = "bior3.7";
  static constexpr std::array<double, 16> low{
      0.0030210861012608843, -0.009063258303782653, -0.01683176542131064, 0.074663985074019,
      0.03133297870736289, -0.301159125922835, -0.02649924094534547, 0.9516421218971786,
      0.9516421218971786, -0.02649924094534547, -0.301159125922835, 0.03133297870736289,
      0.074663985074019, -0.01683176542131064, -0.009063258303782653, 0.0030210861012608843};
  static constexpr std::array<double, 16> dual_low{
      0.0, 0.0, 0.0, 0.0,
      0.0, 0.0, 0.1767766952966369, 0.5303300858899106,
      0.5303300858899106, 0.1767766952966369, 0.0, 0.0,
      0.0, 0.0, 0.0, 0.0};
};
template <>
struct reverse_biorthogonal<3, 7> : reversed_dual<reverse_biorthogonal<3, 7>, biorthogonal<3, 7>> {
  static constexpr const char* name = "rbio3.7";
};
template <>
struct biorthogonal<3, 9> : dual<biorthogonal<3, 9>, 20> {
  static constexpr const char* name = "bior3.9";
  static constexpr std::array<double, 20> low{
      -0.0006797443727836989, 0.002039233118351097, 0.005060319219611981, -0.020618912641105536,
      -0.014112787930175844, 0.09913478249423216, 0.012300136269419315, -0.32019196836077857,
      0.0020500227115698858, 0.9421257006782068, 0.9421257006782068, 0.0020500227115698858,
      -0.32019196836077857, 0.012300136269419315, 0.09913478249423216, -0.014112787930175844,
      -0.020618912641105536, 0.005060319219611981, 0.002039233118351097, -0.0006797443727836989};
  static constexpr std::array<double, 20> dual_low{
      0.0, 0.0, 0.0, 0.0,
      0.0, 0.0, 0.0, 0.0,
      0.1767766952966369, 0.5303300858899106, 0.5303300858899106, 0.1767766952966369,
      0.0, 0.0, 0.0, 0.0,
      0.0, 0.0, 0.0, 0.0};
};
template <>
struct reverse_biorthogonal<3, 9> : reversed_dual<reverse_biorthogonal<3, 9>, biorthogonal<3, 9>> {
  static constexpr const char* name = "rbio3.9";
};
template <>
struct biorthogonal<4, 4> : dual<biorthogonal<4, 4>, 10> {
  static constexpr const char* name = "bior4.4";
  static constexpr std::array<double, 10> low{
      0.0, 0.03782845550726404, -0.023849465019556843, -0.11062440441843718,
      0.37740285561283066, 0.8526986790088938, 0.37740285561283066, -0.11062440441843718,
      -0.023849465019556843, 0.03782845550726404};
  static constexpr std::array<double, 10> dual_low{
      0.0, -0.06453888262869706, -0.04068941760916406, 0.41809227322161724,
      0.7884856164055829, 0.41809227322161724, -0.04068941760916406, -0.06453888262869706,
      0.0, 0.0};
};
template <>
struct reverse_biorthogonal<4, 4> : reversed_dual<reverse_biorthogonal<4, 4>, biorthogonal<4, 4>> {
  static constexpr const char* name = "rbio4.4";
};
template <>
struct biorthogonal<5, 5> : dual<biorthogonal<5, 5>, 12> {
  static constexpr const char* name = "bior5.5";
  static constexpr std::array<double, 12> low{
      0.0, 0.0, 0.03968708834740544, 0.007948108637240322,
      -0.05446378846823691, 0.34560528195603346, 0.7366601814282105, 0.34560528195603346,
      -0.05446378846823691, 0.007948108637240322, 0.03968708834740544, 0.0};
  static constexpr std::array<double, 12> dual_low{
      0.013456709459118716, -0.002694966880111507, -0.13670658466432914, -0.09350469740093886,
      0.47680326579848425, 0.8995061097486484, 0.47680326579848425, -0.09350469740093886,
      -0.13670658466432914, -0.002694966880111507, 0.013456709459118716, 0.0};
};
template <>
struct reverse_biorthogonal<5, 5> : reversed_dual<reverse_biorthogonal<5, 5>, biorthogonal<5, 5>> {
  static constexpr const char* name = "rbio5.5";
};
template <>
struct biorthogonal<6, 8> : dual<biorthogonal<6, 8>, 18> {
  static constexpr const char* name = "bior6.8";
  static constexpr std::array<double, 18> low{
      0.0, 0.0019088317364812906, -0.0019142861290887667, -0.016990639867602342,
      0.01193456527972926, 0.04973290349094079, -0.07726317316720414, -0.09405920349573646,
      0.4207962846098268, 0.8259229974584023, 0.4207962846098268, -0.09405920349573646,
      -0.07726317316720414, 0.04973290349094079, 0.01193456527972926, -0.016990639867602342,
      -0.0019142861290887667, 0.0019088317364812906};
  static constexpr std::array<double, 18> dual_low{
      0.0, 0.0, 0.0, 0.014426282505624435,
      0.014467504896790148, -0.07872200106262882, -0.04036797903033992, 0.41784910915027457,
      0.7589077294536541, 0.41784910915027457, -0.04036797903033992, -0.07872200106262882,
      0.014467504896790148, 0.014426282505624435, 0.0, 0.0,
      0.0, 0.0};
};
template <>
struct reverse_biorthogonal<6, 8> : reversed_dual<reverse_biorthogonal<6, 8>, biorthogonal<6, 8>> {
  static constexpr const char* name = "rbio6.8";
};

}
