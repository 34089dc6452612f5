// SPDX-License-Identifier: BSL-1.0
// EM on any backend: reference, Thrust on the host and on a GPU. native has its own (prob/replicas.hpp).
#pragma once
#include <cosmoml/backend/concept.hpp>
#include <cosmoml/prob/replicas.hpp>

namespace cosmoml::inline COSMOML_ABI::prob {

namespace portable_em {

// What the functors share. Replicas that still run are packed to the front: slot s works on replica active[s].
template <class S>
struct problem {
  index_t rows, dimension, components, chunks;
  const S* x;           // (d, n)
  const S* times;       // (replicas, n): weights of rows
  const int* active;    // (slots)
  const S* constants;   // (slots, K, constants_of(d))
  S* share;             // (slots, K, n)
  double* logs;         // (slots, n)
  double* partial;      // (slots, chunks, K statistics_of(d) + 1)
  double* sums;         // (slots, K statistics_of(d) + 1)
  COSMOML_HD index_t size() const { return components * detail::statistics_of(dimension) + 1; }
  COSMOML_HD S residual(const S* c, index_t row, index_t i) const {
    const S* a = c + detail::row_of(i);
    S s = a[i + 1];
    for (index_t j = 0; j <= i; ++j) s += a[j] * x[j * rows + row];
    return s;
  }
};

// A row of a replica: the share of each component, times its weight, and its logarithm.
template <class S>
struct shares {
  problem<S> p;
  COSMOML_HD void operator()(index_t at) const {
    const index_t slot = at / p.rows, row = at % p.rows;
    const S weight = p.times[p.active[slot] * p.rows + row];
    S* to = p.share + slot * p.components * p.rows + row;
    S most = 0;
    for (index_t k = 0; k < p.components; ++k) {
      const S* c = p.constants + (slot * p.components + k) * detail::constants_of(p.dimension);
      S e = c[detail::row_of(p.dimension)];
      for (index_t i = 0; i < p.dimension; ++i) {
        const S z = p.residual(c, row, i);
        e -= z * z;
      }
      to[k * p.rows] = e;
      most = k == 0 || e > most ? e : most;
    }
    S sum = 0;
    for (index_t k = 0; k < p.components; ++k) sum += to[k * p.rows] = S(std::exp2(to[k * p.rows] - most));
    for (index_t k = 0; k < p.components; ++k) to[k * p.rows] *= weight / sum;
    p.logs[at] = double(weight) * (double(most) * 0.69314718055994530942 + std::log(double(sum)));
  }
};

// The statistics of one component over one chunk of rows, every chunks-th row, so that neighbours in memory belong to neighbouring threads.
template <class S>
struct chunk_statistics {
  problem<S> p;
  COSMOML_HD void operator()(index_t at) const {
    const index_t chunk = at % p.chunks, k = at / p.chunks % p.components, slot = at / (p.chunks * p.components), d = p.dimension, per = detail::statistics_of(d);
    const S* c = p.constants + (slot * p.components + k) * detail::constants_of(d);
    double* to = p.partial + (slot * p.chunks + chunk) * p.size() + k * per;
    for (index_t i = 0; i < per; ++i) to[i] = 0;
    double logs = 0;
    for (index_t row = chunk; row < p.rows; row += p.chunks) {
      const S r = p.share[(slot * p.components + k) * p.rows + row];
      if (k == 0) logs += p.logs[slot * p.rows + row];
      if (r == S(0)) continue;
      to[0] += double(r);
      for (index_t i = 0; i < d; ++i) {
        const S z = p.residual(c, row, i);
        double* line = to + 1 + detail::row_of(i);
        line[0] += double(r * z);
        for (index_t j = 0; j < i; ++j) line[1 + j] += double(r * z) * double(p.residual(c, row, j));
        line[1 + i] += double(r * z) * double(z);
      }
    }
    if (k == 0) p.partial[(slot * p.chunks + chunk) * p.size() + p.size() - 1] = logs;
  }
};

template <class S>
struct sum_chunks {
  problem<S> p;
  COSMOML_HD void operator()(index_t at) const {
    const index_t slot = at / p.size(), i = at % p.size();
    double s = 0;
    for (index_t c = 0; c < p.chunks; ++c) s += p.partial[(slot * p.chunks + c) * p.size() + i];
    p.sums[at] = s;
  }
};

}

// The statistics of an M step for all replicas at once: a transform of every (replica, row), then a reduction of every (replica, component, chunk)
// and of the chunks, three sweeps of the backend. Parameters and the stopping rule stay on the host. The order of additions is fixed, so
// the bits do not depend on threads.
template <class B>
struct em_runner {
  using S = typename B::scalar;
  static constexpr index_t batch = 64;   // replicas on the device at a time

  template <class Start, class Times, class Done>
  static void run(const table<S>& data, index_t count, const em_options& options, Start start, Times times, Done done) {
    const index_t n = data.rows(), d = data.columns();
    typename B::context c{};
    typename B::template buffer<S> x(n * d);
    for (index_t a = 0; a < d; ++a) B::from_host(c, data.column(a), x.data() + a * n, n);
    std::vector<double> reg, scale;
    for (index_t a = 0; a < d; ++a) {
      reg.push_back(options.relative ? options.reg_covar * data.variance(a) : options.reg_covar / (data.scale(a) * data.scale(a)));
      scale.push_back(data.scale(a));
    }
    for (index_t first = 0; first < count; first += batch) some(c, data, x.data(), first, std::min(batch, count - first), options, reg, scale, start, times, done);
  }

private:
  struct replica {
    index_t number;
    mixture_parameters p;
    em_report report;
    double before = -std::numeric_limits<double>::infinity(), weight = 0;
    detail::whitening<S> white;
  };

  template <class Start, class Times, class Done>
  static void some(typename B::context& c, const table<S>& data, const S* x, index_t first, index_t count, const em_options& options, const std::vector<double>& reg,
                   const std::vector<double>& scale, Start start, Times times, Done done) {
    const index_t n = data.rows(), d = data.columns();
    std::vector<replica> all(static_cast<std::size_t>(count));
    std::vector<S> weights(static_cast<std::size_t>(count * n));
    index_t components = 0;
    for (index_t i = 0; i < count; ++i) {
      replica& r = all[std::size_t(i)];
      r.number = i;
      r.p = start(first + i);
      detail::constrain(r.p, options.covariance, scale.data());
      components = r.p.components();
      const std::vector<int> rows = times(first + i);
      for (index_t j = 0; j < n; ++j) {
        const S w = (rows.empty() ? S(1) : S(rows[std::size_t(j)])) * (data.weights() ? data.weights()[j] : S(1));
        weights[std::size_t(i * n + j)] = w;
        r.weight += double(w);
      }
    }
    const index_t chunks = std::max<index_t>(1, std::min<index_t>(n / 32, 1024)), per = detail::constants_of(d), size = components * detail::statistics_of(d) + 1;
    typename B::template buffer<S> times_on(count * n), constants(count * components * per), share(count * components * n);
    typename B::template buffer<double> logs(count * n), partial(count * chunks * size), sums(count * size);
    typename B::template buffer<int> active(count);
    B::from_host(c, static_cast<const S*>(weights.data()), times_on.data(), count * n);
    std::vector<replica*> running;
    for (replica& r : all) running.push_back(&r);
    std::vector<S> host_constants;
    std::vector<int> slots;
    std::vector<double> host_sums(static_cast<std::size_t>(count * size));
    while (!running.empty()) {
      host_constants.clear(), slots.clear();
      std::vector<replica*> ready;
      for (replica* r : running) {
        if (!r->white.prepare(r->p, r->report.component)) {
          r->report.status = em_status::singular;
          continue;
        }
        host_constants.insert(host_constants.end(), r->white.constants.begin(), r->white.constants.end());
        slots.push_back(int(r->number));
        ready.push_back(r);
      }
      running.clear();
      const index_t live = index_t(ready.size());
      if (live == 0) break;
      B::from_host(c, static_cast<const S*>(host_constants.data()), constants.data(), index_t(host_constants.size()));
      B::from_host(c, static_cast<const int*>(slots.data()), active.data(), live);
      const portable_em::problem<S> p{n, d, components, chunks, x, times_on.data(), active.data(), constants.data(), share.data(), logs.data(), partial.data(), sums.data()};
      B::for_each(c, live * n, portable_em::shares<S>{p});
      B::for_each(c, live * components * chunks, portable_em::chunk_statistics<S>{p});
      B::for_each(c, live * size, portable_em::sum_chunks<S>{p});
      B::to_host(c, static_cast<const double*>(sums.data()), host_sums.data(), live * size);
      for (index_t s = 0; s < live; ++s) {
        replica& r = *ready[std::size_t(s)];
        const double* from = host_sums.data() + s * size;
        const double now = from[size - 1] / r.weight;
        if (!std::isfinite(now)) {
          r.report.status = em_status::not_finite;
          continue;
        }
        ++r.report.iterations;
        r.report.log_likelihood = now;
        if (options.trace) r.report.history.push_back(now);
        detail::m_step(r.p, from, r.white.root, options.covariance, reg.data(), scale.data());
        if (std::abs(now - r.before) < options.threshold_fit) r.report.status = em_status::converged;
        else if (r.report.iterations < options.max_iter) running.push_back(&r);
        r.before = now;
      }
    }
    for (replica& r : all) {
      if (r.report.usable()) detail::judge(r.p, r.white, data, reg, r.weight, r.report);
      done(first + r.number, r.p, r.report);
    }
  }
};

}
