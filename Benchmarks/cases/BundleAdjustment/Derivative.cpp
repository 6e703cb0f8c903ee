// Residuals of bundle adjustment and the blocks of their sparse Jacobian, by hand.
#include <cmath>

#include "side.hpp"

struct Vector3 {
  double x, y, z;
};
static Vector3 operator+(Vector3 a, Vector3 b) { return {a.x + b.x, a.y + b.y, a.z + b.z}; }
static Vector3 operator-(Vector3 a, Vector3 b) { return {a.x - b.x, a.y - b.y, a.z - b.z}; }
static Vector3 operator*(double s, Vector3 a) { return {s * a.x, s * a.y, s * a.z}; }
static double dot(Vector3 a, Vector3 b) { return a.x * b.x + a.y * b.y + a.z * b.z; }
static Vector3 cross(Vector3 a, Vector3 b) { return {a.y * b.z - a.z * b.y, a.z * b.x - a.x * b.z, a.x * b.y - a.y * b.x}; }

/// A rotation by the length of a vector about its direction; for none, its linear part.
struct Rotation {
  Vector3 r, axis;
  double theta2, cosine, sine;

  explicit Rotation(Vector3 r) : r(r), axis{}, theta2(dot(r, r)), cosine(1), sine(0) {
    if (theta2 > 0) {
      double theta = std::sqrt(theta2);
      axis = 1 / theta * r;
      cosine = std::cos(theta);
      sine = std::sin(theta);
    }
  }

  Vector3 apply(Vector3 v) const {
    if (theta2 == 0) return v + cross(r, v);
    return cosine * v + sine * cross(axis, v) + (dot(axis, v) * (1 - cosine)) * axis;
  }
  Vector3 transposed(Vector3 v) const {
    if (theta2 == 0) return v - cross(r, v);
    return cosine * v - sine * cross(axis, v) + (dot(axis, v) * (1 - cosine)) * axis;
  }
  /// The row g' d(R v)/dr, where back is R' g: the closed form of Gallego and Yezzi.
  Vector3 derivative(Vector3 g, Vector3 back, Vector3 v) const {
    if (theta2 == 0) return cross(v, g);
    Vector3 h = cross(v, back);
    return 1 / theta2 * (dot(h, r) * r + cross(apply(h) - h, r));
  }
};

struct Scene {
  std::vector<double> cameras, points, weights, seen;
  std::vector<int> cameraOf, pointOf;
  std::vector<double> reprojection, weight, ofCameras, ofPoints, ofWeights, ofWeight;
  std::vector<int> cameraColumns, pointColumns, weightsColumns, weightColumns;

  template <bool derivatives>
  void residuals() {
    for (size_t i = 0; i < weights.size(); ++i) {
      const double* camera = &cameras[11 * cameraOf[i]];
      const double* point = &points[3 * pointOf[i]];
      Rotation rotation({camera[0], camera[1], camera[2]});
      Vector3 away = Vector3{point[0], point[1], point[2]} - Vector3{camera[3], camera[4], camera[5]};
      Vector3 p = rotation.apply(away);
      double u = p.x / p.z, v = p.y / p.z, r2 = u * u + v * v, w = weights[i], focal = camera[6];
      double distortion = 1 + camera[9] * r2 + camera[10] * r2 * r2;
      double ex = u * distortion * focal + camera[7] - seen[2 * i], ey = v * distortion * focal + camera[8] - seen[2 * i + 1];
      reprojection[2 * i] = w * ex;
      reprojection[2 * i + 1] = w * ey;
      weight[i] = 1 - w * w;
      if (!derivatives) continue;
      double slope = 2 * (camera[9] + 2 * camera[10] * r2), scale = w * focal, inverse = 1 / p.z;
      const double image[2] = {u, v};
      for (int row = 0; row < 2; ++row) {
        double du = scale * (slope * image[row] * u + (row == 0 ? distortion : 0));
        double dv = scale * (slope * image[row] * v + (row == 1 ? distortion : 0));
        Vector3 g{du * inverse, dv * inverse, -(du * u + dv * v) * inverse};
        Vector3 back = rotation.transposed(g), turned = rotation.derivative(g, back, away);
        double* block = &ofCameras[22 * i + 11 * row];
        block[0] = turned.x;
        block[1] = turned.y;
        block[2] = turned.z;
        block[3] = -back.x;
        block[4] = -back.y;
        block[5] = -back.z;
        block[6] = w * image[row] * distortion;
        block[7] = row == 0 ? w : 0;
        block[8] = row == 1 ? w : 0;
        block[9] = scale * image[row] * r2;
        block[10] = scale * image[row] * r2 * r2;
        double* ofPoint = &ofPoints[6 * i + 3 * row];
        ofPoint[0] = back.x;
        ofPoint[1] = back.y;
        ofPoint[2] = back.z;
      }
      ofWeights[2 * i] = ex;
      ofWeights[2 * i + 1] = ey;
      ofWeight[i] = -2 * w;
      cameraColumns[i] = 11 * cameraOf[i];
      pointColumns[i] = 3 * pointOf[i];
      weightsColumns[i] = weightColumns[i] = static_cast<int>(i);
    }
  }
};

int main(int count, char** arguments) {
  Side side(count, arguments);
  size_t o = side.size("observations");
  Scene scene{side.read("cameras"), side.read("points"), side.read("weights"), side.read("seen"), side.read<int>("cameraOf"), side.read<int>("pointOf"),
              std::vector<double>(2 * o), std::vector<double>(o), std::vector<double>(22 * o), std::vector<double>(6 * o),
              std::vector<double>(2 * o), std::vector<double>(o), std::vector<int>(o), std::vector<int>(o), std::vector<int>(o), std::vector<int>(o)};
  scene.residuals<true>();
  side.write(scene.reprojection, "value.reprojection");
  side.write(scene.weight, "value.weight");
  side.write(scene.ofCameras, "jacobian.cameras");
  side.write(scene.ofPoints, "jacobian.points");
  side.write(scene.ofWeights, "jacobian.weights");
  side.write(scene.ofWeight, "jacobian.weight");
  side.serve({{"function", [&] { scene.residuals<false>(); }}, {"jacobian", [&] { scene.residuals<true>(); }}});
}
