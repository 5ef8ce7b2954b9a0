/** Centred L2 discrepancy, squared (Hickernell 1998): 0 is perfectly even. */
export function discrepancy(points: readonly (readonly number[])[]): number {
  const [n, d] = [points.length, points[0].length];
  const single = points.reduce(
    (sum, x) => sum + x.reduce((p, v) => p * (1 + 0.5 * Math.abs(v - 0.5) - 0.5 * (v - 0.5) ** 2), 1),
    0,
  );
  let pairs = 0;
  for (const x of points) {
    for (const y of points) {
      pairs += x.reduce(
        (p, v, k) => p * (1 + 0.5 * Math.abs(v - 0.5) + 0.5 * Math.abs(y[k] - 0.5) - 0.5 * Math.abs(v - y[k])),
        1,
      );
    }
  }
  return (13 / 12) ** d - (2 / n) * single + pairs / n ** 2;
}
