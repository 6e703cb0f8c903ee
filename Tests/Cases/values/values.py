"""Writes the inputs and expected values of the programs beside this file, from NumPy and SciPy alone. Run it in this folder."""

import json

import numpy as np
from scipy.special import log_softmax, logsumexp, softmax

random = np.random.default_rng(3)


def normal(*shape):
    return random.normal(size=shape)


def kalman(transition, emission, process, noise, start, observed):
    mean, covariance, total = start, np.eye(len(start)), 0.0
    for y in observed:
        predicted = transition @ mean
        spread = transition @ covariance @ transition.T + process @ process.T
        residual = y - emission @ predicted
        innovation = emission @ spread @ emission.T + noise @ noise.T + 0.1 * np.eye(len(y))
        gain = spread @ emission.T @ np.linalg.inv(innovation)
        total -= 0.5 * (residual @ np.linalg.solve(innovation, residual) + np.linalg.slogdet(innovation)[1] + len(y) * np.log(2 * np.pi))
        mean = predicted + gain @ residual
        covariance = spread - gain @ emission @ spread
        covariance = (covariance + covariance.T) / 2
    return total


def neural_ode(w, b, v, start, target, h=0.1):
    def field(y, t):
        return v @ np.tanh(w @ y + b * np.cos(t))

    y, total = start, 0.0
    for step, measured in enumerate(target):
        t = h * step
        k1 = field(y, t)
        k2 = field(y + h / 2 * k1, t + h / 2)
        k3 = field(y + h / 2 * k2, t + h / 2)
        k4 = field(y + h * k3, t + h)
        y = y + h / 6 * (k1 + 2 * k2 + 2 * k3 + k4)
        total += np.sum((y - measured) ** 2)
    return total / len(target)


def forward(start, transition, emission, seen):
    transition, emission = log_softmax(transition, axis=1), log_softmax(emission, axis=1)
    alpha = log_softmax(start) + emission[:, seen[0]]
    for symbol in seen[1:]:
        alpha = logsumexp(alpha[:, None] + transition, axis=0) + emission[:, symbol]
    return logsumexp(alpha)


def process(x, y, logLength, logScale, logNoise):
    distance = np.sum(((x[:, None] - x[None]) / np.exp(logLength)) ** 2, axis=-1)
    covariance = np.exp(logScale - 0.5 * distance) + np.exp(logNoise) * np.eye(len(x))
    return -0.5 * (y @ np.linalg.solve(covariance, y) + np.linalg.slogdet(covariance)[1] + len(x) * np.log(2 * np.pi))


def burgers(w, b, v, c, o, points, edge, viscosity):
    def network(x, t):
        return o @ np.tanh(v @ np.tanh(w @ np.array([x, t]) + b) + c)

    def residual(x, t):
        s1 = np.tanh(w @ np.array([x, t]) + b)
        s2 = np.tanh(v @ s1 + c)
        d1, d2 = 1 - s1**2, 1 - s2**2
        along = v @ (d1 * w[:, 0])
        u_x, u_t = o @ (d2 * along), o @ (d2 * (v @ (d1 * w[:, 1])))
        u_xx = o @ (-2 * s2 * d2 * along**2 + d2 * (v @ (-2 * s1 * d1 * w[:, 0] ** 2)))
        return u_t + network(x, t) * u_x - viscosity * u_xx

    inside = np.mean([residual(*point) ** 2 for point in points])
    return inside + np.mean([(network(x, 0) + np.sin(np.pi * x)) ** 2 for x in edge])


def clusters(points, start, sharpness, rounds):
    def scores(centres):
        return -sharpness * np.sum((points[:, None] - centres[None]) ** 2, axis=-1)

    centres = start
    for _ in range(rounds):
        share = softmax(scores(centres), axis=1)
        centres = (share.T @ points) / (share.sum(axis=0) + 1e-9)[:, None]
    return np.sum(-logsumexp(scores(centres), axis=1) / sharpness)


def messages(nodes, source, target, strength, w, u, o, rounds=2):
    x = nodes
    for _ in range(rounds):
        arrived = np.zeros_like(x)
        np.add.at(arrived, target, strength[:, None] * np.tanh(x[source] @ w.T))
        x = np.tanh(x @ u.T + arrived)
    return np.sum(x @ o)


def shooting(force, start, h=0.05):
    def move(state, push):
        _, angle, speed, turn = state
        c, s = np.cos(angle), np.sin(angle)
        mass = 1 + 0.1 * s * s
        return np.array([
            speed, turn, (push + 0.1 * s * (0.5 * turn**2 + 9.81 * c)) / mass,
            (-push * c - 0.05 * turn**2 * c * s - 1.1 * 9.81 * s) / (0.5 * mass),
        ])

    state, effort = start, 0.0
    for push in force:
        state = state + h * move(state + h / 2 * move(state, push), push)
        effort += 0.01 * h * push**2
    x, angle, speed, turn = state
    return effort + 10 * (angle - np.pi) ** 2 + x**2 + 0.1 * (speed**2 + turn**2)


def spline(knots, x, y):
    def at(place):
        i = min(max(int(np.floor(place)), 1), len(knots) - 3)
        t = place - i
        a, b, c, d = knots[i - 1 : i + 3]
        return 0.5 * (2 * b + (c - a) * t + (2 * a - 5 * b + 4 * c - d) * t**2 + (3 * b - a - 3 * c + d) * t**3)

    return np.array([at(place) for place in x]) - y


def fisheye(poses, lenses, points, camera, kind, point, seen, weight):
    rows = []
    for k in range(len(camera)):
        turn, shift = poses[camera[k]][:3], poses[camera[k]][3:]
        p, lens, angle = points[point[k]], lenses[kind[k]], np.linalg.norm(turn)
        axis = turn / angle
        c = np.cos(angle) * p + np.sin(angle) * np.cross(axis, p) + (1 - np.cos(angle)) * (axis @ p) * axis + shift
        r = np.sqrt(c[0] ** 2 + c[1] ** 2 + 1e-12)
        theta = np.arctan2(r, c[2])
        height = theta * (1 + lens[2] * theta**2 + lens[3] * theta**4)
        e = lens[0] * height * np.array([c[0], lens[1] / lens[0] * c[1]]) / r - seen[k]
        rows.append(weight[k] * e / np.sqrt(1 + e @ e))
    return np.array(rows)


def alignments(logits, label):
    scores = log_softmax(logits, axis=1)
    states = [0] + [state for symbol in label for state in (symbol, 0)]
    alpha = np.full(len(states), -1e5)
    alpha[:2] = scores[0, states[0]], scores[0, states[1]]
    for row in scores[1:]:
        arrived = []
        for s, symbol in enumerate(states):
            terms = [alpha[s], alpha[s - 1] if s > 0 else -1e5]
            if s > 2 and symbol != 0 and symbol != states[s - 2]:
                terms.append(alpha[s - 2])
            arrived.append(logsumexp(terms) + row[symbol])
        alpha = np.array(arrived)
    return -logsumexp(alpha[-2:])


def epidemic(logBeta, logSigma, logGamma, start, cases, substeps):
    beta, sigma, gamma = np.exp([logBeta, logSigma, logGamma])

    def field(y):
        infection = beta * y[0] * y[2] / np.sum(y)
        return np.array([-infection, infection - sigma * y[1], sigma * y[1] - gamma * y[2], gamma * y[2]])

    y, total, h = np.array([1000 - np.exp(start), 0, np.exp(start), 0]), 0.0, 1 / substeps
    for counted in cases:
        susceptible = y[0]
        for _ in range(substeps):
            k1 = field(y)
            k2 = field(y + h / 2 * k1)
            k3 = field(y + h / 2 * k2)
            k4 = field(y + h * k3)
            y = y + h / 6 * (k1 + 2 * k2 + 2 * k3 + k4)
        fresh = max(susceptible - y[0], 1e-3)
        total += fresh - counted * np.log(fresh)
    return total


def beacons(start, logQ, logR, beacon, which, seen, dt=0.1):
    mean, covariance, total = start, 0.5 * np.eye(4), 0.0
    for place, measured in zip(which, seen):
        c, s = np.cos(mean[2]), np.sin(mean[2])
        move = np.array([[1, 0, -dt * mean[3] * s, dt * c], [0, 1, dt * mean[3] * c, dt * s], [0, 0, 1, 0], [0, 0, 0, 1]])
        predicted = np.array([mean[0] + dt * mean[3] * c, mean[1] + dt * mean[3] * s, mean[2], mean[3]])
        spread = move @ covariance @ move.T + np.diag(np.exp(logQ))
        dx, dy = beacon[place] - predicted[:2]
        r = np.hypot(dx, dy)
        slope = np.array([[-dx / r, -dy / r, 0, 0], [dy / r**2, -dx / r**2, -1, 0]])
        innovation = slope @ spread @ slope.T + np.diag(np.exp(logR))
        residual = measured - np.array([r, np.arctan2(dy, dx) - predicted[2]])
        gain = spread @ slope.T @ np.linalg.inv(innovation)
        mean, covariance = predicted + gain @ residual, (np.eye(4) - gain @ slope) @ spread
        total += 0.5 * (residual @ np.linalg.solve(innovation, residual) + np.linalg.slogdet(innovation)[1] + 2 * np.log(2 * np.pi))
    return total


def tridiagonal(a, b, c, d, target):
    matrix = np.diag(4 + b**2) + np.diag(np.sin(a[1:]), -1) + np.diag(np.sin(c[:-1]), 1)
    return np.sum((np.linalg.solve(matrix, d) - target) ** 2)


def write(name, function, of, inputs, renamed={}):
    value = function(**{renamed.get(key, key): item for key, item in inputs.items()})
    plain = {key: item.tolist() if isinstance(item, np.ndarray) else item for key, item in inputs.items()}
    with open(name + ".json", "w") as file:
        json.dump({"of": of, "inputs": plain, "value": np.asarray(value).tolist()}, file)
        file.write("\n")


write("Kalman", kalman, "logLikelihood", dict(
    transition=0.5 * normal(3, 3), emission=normal(2, 3), process=normal(3, 3), noise=normal(2, 2), start=normal(3), observed=normal(6, 2)))
write("NeuralODE", neural_ode, "misfit", dict(w=normal(5, 2), b=normal(5), v=normal(2, 5), start=normal(2), target=normal(7, 2)))
write("Forward", forward, "logLikelihood", dict(
    start=normal(3), transition=normal(3, 3), emission=normal(3, 4), seen=np.array([1, 3, 0, 2, 2, 1])))
write("Process", process, "evidence", dict(x=normal(6, 2), y=normal(6), logLength=0.3 * normal(2), logScale=0.2, logNoise=-1.0))
write("Burgers", burgers, "loss", dict(
    w=normal(4, 2), b=normal(4), v=normal(4, 4), c=normal(4), o=normal(4), points=normal(5, 2), edge=normal(3), viscosity=0.01))
write("Clusters", clusters, "softAssigned", dict(points=normal(8, 2), start=normal(3, 2), sharpness=1.5, rounds=4))
write("Messages", messages, "readout", {
    "nodes": normal(5, 3), "from": np.array([0, 1, 2, 3, 0, 4, 2]), "to": np.array([1, 2, 3, 0, 2, 1, 4]), "strength": normal(7),
    "w": normal(3, 3), "u": normal(3, 3), "o": normal(3)}, {"from": "source", "to": "target"})
write("Shooting", shooting, "cost", dict(force=normal(9), start=normal(4)))
write("Spline", spline, "fit", dict(knots=normal(7), x=np.array([0.3, 1.2, 2.7, 4.4, 5.5]), y=normal(5)))
write("Fisheye", fisheye, "residuals", dict(
    poses=normal(3, 6), lenses=normal(2, 4), points=normal(4, 3), camera=np.array([0, 1, 2, 0, 1]), kind=np.array([0, 1, 1, 0, 0]),
    point=np.array([3, 0, 1, 2, 2]), seen=normal(5, 2), weight=normal(5)))
write("Alignments", alignments, "ctc", dict(logits=normal(8, 5), label=np.array([1, 2, 2, 3])))
write("Epidemic", epidemic, "poisson", dict(
    logBeta=0.1, logSigma=-0.3, logGamma=-1.0, start=1.2, cases=np.abs(normal(9)) * 5, substeps=3))
write("Beacons", beacons, "negativeLogLikelihood", dict(
    start=normal(4), logQ=normal(4) - 2, logR=normal(2) - 1, beacon=3 * normal(3, 2) + 4, which=np.array([0, 2, 1, 1, 0, 2]),
    seen=normal(6, 2)))
write("Tridiagonal", tridiagonal, "misfit", dict(a=normal(9), b=normal(9), c=normal(9), d=normal(9), target=normal(9)))
