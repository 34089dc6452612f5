// SPDX-License-Identifier: BSL-1.0
#pragma once
#include <cosmoml/core/extents.hpp>

#include <cmath>

namespace cosmoml::inline COSMOML_ABI::optim {

// A function along a line, at distance t: its value, its slope, and the number of the place where its gradient is kept.
struct line_point {
  double t = 0, value = 0, slope = 0;
  int place = 0;
};

// When a line search is content.
struct strong_wolfe_options {
  double decrease = 1e-4, curvature = 0.9;   // c1 and c2 of Nocedal and Wright 2006, section 3.1
  int max_evaluations = 25;
};

namespace detail {
// The minimum between two points of the cubic through both values and slopes, within [from, to].
inline double cubic_minimum(const line_point& a, const line_point& b, double from, double to) {
  const double d1 = a.slope + b.slope - 3 * (a.value - b.value) / (a.t - b.t), square = d1 * d1 - a.slope * b.slope;
  if (!(square >= 0)) return (from + to) / 2;
  const double d2 = std::sqrt(square);
  const double at = a.t <= b.t ? b.t - (b.t - a.t) * ((b.slope + d2 - d1) / (b.slope - a.slope + 2 * d2)) : a.t - (a.t - b.t) * ((a.slope + d2 - d1) / (a.slope - b.slope + 2 * d2));
  return at < from ? from : at > to ? to : at;
}
}

// A point where the strong Wolfe conditions hold, from a first guess t (Nocedal and Wright 2006, algorithms 3.5 and 3.6, with the safeguards
// of torch.optim.LBFGS, whose steps it takes). evaluate(t, place) returns the point at t and keeps its gradient at `place`, one of four;
// too_short(length) says that the line moves no parameter by anything that counts. Without such a point: the best one that was seen.
template <class Evaluate, class TooShort>
line_point strong_wolfe(const line_point& start, double t, Evaluate&& evaluate, TooShort&& too_short, const strong_wolfe_options& o, int& evaluations) {
  auto free_place = [](int a, int b, int c) {
    int p = 0;
    while (p == a || p == b || p == c) ++p;
    return p;
  };
  auto falls_too_little = [&](const line_point& p) { return !(p.value <= start.value + o.decrease * p.t * start.slope); };   // also what is not a number
  auto flat = [&](const line_point& p) { return std::abs(p.slope) <= -o.curvature * start.slope; };

  line_point before = start, now = evaluate(t, free_place(start.place, start.place, start.place));
  evaluations = 1;
  int steps = 0;
  bool bracketed = false;
  for (; steps < o.max_evaluations; ++steps) {
    if (falls_too_little(now) || (steps > 1 && now.value >= before.value)) {
      bracketed = true;
      break;
    }
    if (flat(now)) return now;
    if (now.slope >= 0) {
      bracketed = true;
      break;
    }
    t = detail::cubic_minimum(before, now, now.t + 0.01 * (now.t - before.t), now.t * 10);
    before = now;
    now = evaluate(t, free_place(start.place, before.place, before.place));
    ++evaluations;
  }
  if (!bracketed) return now.value < start.value ? now : start;

  line_point end[2] = {before, now};
  bool insufficient = false;
  int low = end[1].value < end[0].value ? 1 : 0;
  while (steps < o.max_evaluations) {
    const double from = end[0].t < end[1].t ? end[0].t : end[1].t, to = end[0].t < end[1].t ? end[1].t : end[0].t;
    if (too_short(to - from)) break;
    t = detail::cubic_minimum(end[0], end[1], from, to);
    const double margin = 0.1 * (to - from);
    if ((to - t < t - from ? to - t : t - from) < margin) {   // too near an end: once is allowed
      if (insufficient || t >= to || t <= from) {
        t = std::abs(t - to) < std::abs(t - from) ? to - margin : from + margin;
        insufficient = false;
      } else insufficient = true;
    } else insufficient = false;

    now = evaluate(t, free_place(start.place, end[0].place, end[1].place));
    ++evaluations;
    ++steps;
    if (falls_too_little(now) || !(now.value < end[low].value)) {
      end[1 - low] = now;
      low = end[1].value < end[0].value ? 1 : 0;
    } else {
      const bool done = flat(now);
      if (!done && now.slope * (end[1 - low].t - end[low].t) >= 0) end[1 - low] = end[low];
      end[low] = now;
      if (done) break;
    }
  }
  return end[low];
}

}
