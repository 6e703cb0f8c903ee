// The log posterior of a Gaussian mixture and its gradient, by hand. Inner loops run down the columns of the packed triangles.
#include <cmath>

#include "side.hpp"

struct Mixture {
  int d, k, n, m;
  double gamma;
  std::vector<double> alpha, mu, q, l, x;
  int triangle() const { return d * (d - 1) / 2; }
};

struct Gradient {
  std::vector<double> alpha, mu, q, l;
};

static double log_sum_exp(const double* v, int count) {
  double top = *std::max_element(v, v + count), sum = 0;
  for (int i = 0; i < count; ++i) sum += std::exp(v[i] - top);
  return top + std::log(sum);
}

/// Without a gradient, the value alone.
static double log_posterior(const Mixture& it, Gradient* gradient) {
  const int d = it.d, k = it.k, triangle = it.triangle();
  std::vector<double> scale(k * d), sums(k), away(k * d), spread(k * d), term(k), back(d);
  for (int c = 0; c < k; ++c) {
    for (int j = 0; j < d; ++j) {
      scale[c * d + j] = std::exp(it.q[c * d + j]);
      sums[c] += it.q[c * d + j];
    }
  }
  if (gradient) {
    gradient->alpha.assign(k, 0);
    gradient->mu.assign(k * d, 0);
    gradient->q.assign(k * d, 0);
    gradient->l.assign(k * triangle, 0);
  }
  double fit = 0;
  for (int i = 0; i < it.n; ++i) {
    for (int c = 0; c < k; ++c) {
      double* a = &away[c * d];
      double* s = &spread[c * d];
      for (int j = 0; j < d; ++j) {
        a[j] = it.x[i * d + j] - it.mu[c * d + j];
        s[j] = scale[c * d + j] * a[j];
      }
      const double* column = &it.l[c * triangle];
      for (int j = 0; j + 1 < d; ++j) {
        for (int r = j + 1; r < d; ++r) s[r] += column[r - j - 1] * a[j];
        column += d - 1 - j;
      }
      double square = 0;
      for (int j = 0; j < d; ++j) square += s[j] * s[j];
      term[c] = it.alpha[c] + sums[c] - 0.5 * square;
    }
    double total = log_sum_exp(term.data(), k);
    fit += total;
    if (!gradient) continue;
    for (int c = 0; c < k; ++c) {
      double weight = std::exp(term[c] - total);
      const double* a = &away[c * d];
      const double* s = &spread[c * d];
      gradient->alpha[c] += weight;
      for (int j = 0; j < d; ++j) {
        back[j] = scale[c * d + j] * s[j];
        gradient->q[c * d + j] += weight * (1 - s[j] * scale[c * d + j] * a[j]);
      }
      const double* column = &it.l[c * triangle];
      double* dColumn = &gradient->l[c * triangle];
      for (int j = 0; j + 1 < d; ++j) {
        double sum = 0, factor = weight * a[j];
        for (int r = j + 1; r < d; ++r) {
          sum += column[r - j - 1] * s[r];
          dColumn[r - j - 1] -= factor * s[r];
        }
        back[j] += sum;
        column += d - 1 - j;
        dColumn += d - 1 - j;
      }
      for (int j = 0; j < d; ++j) gradient->mu[c * d + j] += weight * back[j];
    }
  }
  double square = 0, sum = 0, gamma2 = it.gamma * it.gamma;
  for (double e : scale) square += e * e;
  for (double e : it.l) square += e * e;
  for (double e : it.q) sum += e;
  double total = log_sum_exp(it.alpha.data(), k);
  if (gradient) {
    for (int c = 0; c < k; ++c) gradient->alpha[c] -= it.n * std::exp(it.alpha[c] - total);
    for (int j = 0; j < k * d; ++j) gradient->q[j] -= gamma2 * scale[j] * scale[j] - it.m;
    for (int j = 0; j < k * triangle; ++j) gradient->l[j] -= gamma2 * it.l[j];
  }
  return fit - it.n * total - (0.5 * gamma2 * square - it.m * sum);
}

int main(int count, char** arguments) {
  Side side(count, arguments);
  Mixture it{side.size("d"), side.size("k"), side.size("n"), 2, 0.7, side.read("alpha"), side.read("mu"), side.read("q"), side.read("l"), side.read("x")};
  Gradient gradient;
  double value = log_posterior(it, &gradient);
  side.write(std::vector<double>{value}, "value");
  side.write(gradient.alpha, "gradient.alpha");
  side.write(gradient.mu, "gradient.mu");
  side.write(gradient.q, "gradient.q");
  side.write(gradient.l, "gradient.l");
  volatile double kept;
  side.serve({{"function", [&] { kept = log_posterior(it, nullptr); }}, {"gradient", [&] { kept = log_posterior(it, &gradient); }}});
}
