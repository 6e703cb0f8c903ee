// The last number of a differential equation's solution and its gradient, by hand: steps are kept, stages are computed again.
#include "side.hpp"

using Vector = std::vector<double>;

/// y0' = x0, yi' = xi * y(i-1).
static void slope(const Vector& x, const Vector& y, Vector& result) {
  result[0] = x[0];
  for (size_t i = 1; i < x.size(); ++i) result[i] = x[i] * y[i - 1];
}

/// Adds to dx and dy what a cotangent of the slope at y gives.
static void slope_back(const Vector& x, const Vector& y, const Vector& g, Vector& dx, Vector& dy) {
  dx[0] += g[0];
  for (size_t i = 1; i < x.size(); ++i) {
    dx[i] += g[i] * y[i - 1];
    dy[i - 1] += g[i] * x[i];
  }
}

struct Equation {
  Vector x;
  int steps;
  std::vector<Vector> y;  // before each step, and after the last
  Vector k1, k2, k3, k4, a, b, c, g1, g2, g3, g4, dy, stage;

  Equation(Vector x, int steps) : x(x), steps(steps), y(steps + 1, Vector(x.size())) {
    for (auto* it : {&k1, &k2, &k3, &k4, &a, &b, &c, &g1, &g2, &g3, &g4, &dy, &stage}) it->resize(x.size());
  }

  /// The first three stages of a step and the points where the slopes after them are taken.
  void stages(const Vector& y, double h) {
    const size_t n = x.size();
    slope(x, y, k1);
    for (size_t i = 0; i < n; ++i) a[i] = y[i] + h / 2 * k1[i];
    slope(x, a, k2);
    for (size_t i = 0; i < n; ++i) b[i] = y[i] + h / 2 * k2[i];
    slope(x, b, k3);
    for (size_t i = 0; i < n; ++i) c[i] = y[i] + h * k3[i];
  }

  double last() {
    const double h = 2.0 / steps;
    std::fill(y[0].begin(), y[0].end(), 0.0);
    for (int s = 0; s < steps; ++s) {
      stages(y[s], h);
      slope(x, c, k4);
      for (size_t i = 0; i < x.size(); ++i) y[s + 1][i] = y[s][i] + h / 6 * (k1[i] + 2 * k2[i] + 2 * k3[i] + k4[i]);
    }
    return y[steps].back();
  }

  double gradient(Vector& dx) {
    const double h = 2.0 / steps, value = last();
    const size_t n = x.size();
    std::fill(dx.begin(), dx.end(), 0.0);
    std::fill(dy.begin(), dy.end(), 0.0);
    dy[n - 1] = 1;
    for (int s = steps - 1; s >= 0; --s) {
      stages(y[s], h);
      for (size_t i = 0; i < n; ++i) {
        g1[i] = h / 6 * dy[i];
        g2[i] = h / 3 * dy[i];
        g3[i] = h / 3 * dy[i];
        g4[i] = h / 6 * dy[i];
      }
      const double weights[] = {h, h / 2, h / 2};
      const Vector* points[] = {&c, &b, &a};
      Vector* slopes[] = {&g4, &g3, &g2, &g1};
      for (int j = 0; j < 3; ++j) {
        std::fill(stage.begin(), stage.end(), 0.0);
        slope_back(x, *points[j], *slopes[j], dx, stage);
        for (size_t i = 0; i < n; ++i) {
          dy[i] += stage[i];
          (*slopes[j + 1])[i] += weights[j] * stage[i];
        }
      }
      slope_back(x, y[s], g1, dx, dy);
    }
    return value;
  }
};

int main(int count, char** arguments) {
  Side side(count, arguments);
  Equation equation(side.read("x"), side.size("steps"));
  Vector dx(equation.x.size());
  side.write(Vector{equation.gradient(dx)}, "value");
  side.write(dx, "gradient.x");
  volatile double kept;
  side.serve({{"function", [&] { kept = equation.last(); }}, {"gradient", [&] { kept = equation.gradient(dx); }}});
}
