import { constant } from '../tensor/functions.ts';
import type { Tensor } from '../tensor/tensor.ts';
import type { LossPoint } from './trajectory.ts';

/** A loss under which SGD of rate 1 is at points[t - 1] after step t, wherever it was. */
export const following =
  (points: readonly (readonly number[])[]) =>
  ({ w, t }: LossPoint): Tensor => {
    const flat = w.flat.cast('float64');
    const row = t.sub(1).cast('int32').reshape([1]);
    const point = constant(points, { dtype: 'float64' }).gather(row).reshape([-1]);
    return flat.mul(flat.sub(point).stopGradient()).sum();
  };

/** Eight steps of SGD of rate 0.1 on the common sequence; the golden checks of averages are on these. */
export const R: readonly (readonly number[])[] = [
  [0.944596976941, -1.88919395388, 2.83379093082, 0.496612092235],
  [0.90152859646, -1.80305719292, 2.70458578938, 0.455135614161],
  [0.866352091603, -1.73270418321, 2.59905627481, 0.392779133589],
  [0.829570923231, -1.65914184646, 2.48871276969, 0.346994432075],
  [0.785255755215, -1.57051151043, 2.35576726565, 0.34099119789],
  [0.736391264588, -1.47278252918, 2.20917379376, 0.362348449461],
  [0.692032678815, -1.38406535763, 2.07609803644, 0.374387117162],
  [0.658886045212, -1.31777209042, 1.97665813564, 0.349847759952],
];
