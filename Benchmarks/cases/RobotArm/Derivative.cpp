// How far an arm's tip and direction are from a target, and the geometric Jacobian: a joint turns what is beyond it about its axis.
#include <cmath>

#include "side.hpp"

static const double reach[7] = {0.34, 0, 0.4, 0, 0.4, 0, 0.226};

static void cross(const double* a, const double* b, double* c) {
  c[0] = a[1] * b[2] - a[2] * b[1];
  c[1] = a[2] * b[0] - a[0] * b[2];
  c[2] = a[0] * b[1] - a[1] * b[0];
}

/// The Jacobian is [6, 7]; without one, the value alone.
static void error(const double* angles, const double* target, double* value, double* jacobian) {
  double r[3][3] = {{1, 0, 0}, {0, 1, 0}, {0, 0, 1}}, place[3] = {0, 0, 0}, axes[7][3], starts[7][3];  // r by columns
  for (int joint = 0; joint < 7; ++joint) {
    double c = std::cos(angles[joint]), s = std::sin(angles[joint]);
    // About z, columns 0 and 1 turn; about y, columns 2 and 0.
    int axis = joint % 2 == 0 ? 2 : 1, first = joint % 2 == 0 ? 0 : 2, second = joint % 2 == 0 ? 1 : 0;
    for (int i = 0; i < 3; ++i) {
      axes[joint][i] = r[axis][i];
      starts[joint][i] = place[i];
      double a = r[first][i], b = r[second][i];
      r[first][i] = c * a + s * b;
      r[second][i] = c * b - s * a;
    }
    for (int i = 0; i < 3; ++i) place[i] += reach[joint] * r[2][i];
  }
  for (int i = 0; i < 3; ++i) {
    value[i] = place[i] - target[i];
    value[3 + i] = 0.3 * (r[2][i] + (i == 2 ? 1 : 0));
  }
  if (!jacobian) return;
  for (int joint = 0; joint < 7; ++joint) {
    double arm[3] = {place[0] - starts[joint][0], place[1] - starts[joint][1], place[2] - starts[joint][2]}, moved[3], turned[3];
    cross(axes[joint], arm, moved);
    cross(axes[joint], r[2], turned);
    for (int i = 0; i < 3; ++i) {
      jacobian[i * 7 + joint] = moved[i];
      jacobian[(3 + i) * 7 + joint] = 0.3 * turned[i];
    }
  }
}

int main(int count, char** arguments) {
  Side side(count, arguments);
  int poses = side.size("poses");
  auto angles = side.read("angles"), target = side.read("target");
  std::vector<double> value(6 * poses), jacobian(42 * poses);
  auto run = [&](bool derivative) {
    for (int i = 0; i < poses; ++i) error(&angles[7 * i], &target[3 * i], &value[6 * i], derivative ? &jacobian[42 * i] : nullptr);
  };
  run(true);
  side.write(value, "value");
  side.write(jacobian, "jacobian");
  side.serve({{"function", [&] { run(false); }}, {"jacobian", [&] { run(true); }}});
}
