import { describe, expect, test } from 'vitest';
import { constant } from '../../tensor/functions.ts';
import { expectClose, golden } from '../../testing/close.ts';
import { asMatrix, commonLoss, type LossPoint, trajectory } from '../../testing/trajectory.ts';
import { adam } from '../adaptive/adam.ts';
import { soap } from './soap.ts';

const setup = { w0: asMatrix, loss: commonLoss, steps: 4 };
const values = { lr: 0.1, weightDecay: 0 };

/** Two 2 x 3 matrices whose gradients have no zero singular values, and a vector. */
const tensors = {
  W: { shape: [2, 3], values: [1, -2, 3, 0.5, 0.3, -1], role: 'matrix' },
  b: { shape: [2], values: [1, -2], role: 'bias' },
  s: { shape: [], values: [0.5] },
} as const;
const bowl = ({ w, t }: LossPoint) => {
  const c = constant([1, 2, 0.5, 3, 1, 0.2, 2, 1, 1]);
  return w.flat.square().mul(c).sum().add(w.flat.mul(c).sum().mul(t.cos()));
};

describe('soap', () => {
  test.each([
    [
      10,
      '1, -2, 3, 0.5 | 0.881418221421, -1.92293937785, 2.92293932301, 0.381418164653 | 0.766461344249, -1.84614262733, 2.84521615228, 0.264533270974 | 0.708899281806, -1.78528294288, 2.7373709914, 0.156362958153',
    ],
    [
      1,
      '1, -2, 3, 0.5 | 0.881418221421, -1.92293937785, 2.92293932301, 0.381418164653 | 0.789290309351, -1.85184964294, 2.8376317589, 0.271105575557 | 0.751617449001, -1.78327651733, 2.73634376413, 0.172053088798',
    ],
  ])('golden: a power step every %d steps', async (refresh, expected) => {
    expectClose((await trajectory(soap({ ...values, refresh }), setup)).w, golden(expected));
  });

  test('state: two moments, and two matrices for each side', async () => {
    const { statePerParameter, state, calls } = await trajectory(soap(), { ...setup, w0: tensors, loss: bowl });
    expect(statePerParameter).toBe(2 + (2 * (4 + 9)) / 9);
    expect(calls[1]).toEqual({ loss: 0, gradient: 1, hessianVector: 0, perExample: 0 });
    const limited = await trajectory(soap({ maxSide: 2 }), { ...setup, w0: tensors, loss: bowl });
    expect(limited.statePerParameter).toBe(2 + (2 * 4) / 9);
    expect(Object.keys(state[0])).toContain('state.sides.0.right.Q');
  });

  test('without bases it is Adam with eps before the correction, one step late', async () => {
    const { w } = await trajectory(soap({ ...values, maxSide: 1, eps: 0 }), { ...setup, w0: tensors, loss: bowl });
    // Adam on the gradients of steps 2, 3, ...
    const late = ({ w: point, t, batch }: LossPoint) => bowl({ w: point, t: t.add(1), batch });
    const plain = await trajectory(adam({ lr: 0.1, beta1: 0.95, beta2: 0.95, eps: 0 }), {
      w0: tensors,
      loss: late,
      steps: 3,
    });
    expect(w[0]).toEqual([1, -2, 3, 0.5, 0.3, -1, 1, -2, 0.5]);
    expectClose(w.slice(1), plain.w, { relative: 1e-12 });
  });

  test('a rotation of a matrix rotates the whole run', async () => {
    const [c, s] = [Math.cos(0.7), Math.sin(0.7)];
    const turn = constant([[c, -s], [s, c]], { dtype: 'float64' }); // biome-ignore format: a matrix
    const target = constant([[0.3, -1], [2, 0.7]], { dtype: 'float64' }); // biome-ignore format: a matrix
    const scale = constant([[1, 2], [5, 0.5]], { dtype: 'float64' }); // biome-ignore format: a matrix
    const loss = ({ w, t }: LossPoint) =>
      w.leaf('W').cast('float64').sub(target.mul(t.cos())).square().mul(scale).sum();
    // f(turn' X) from turn W0: every X_t is turn W_t.
    const turned = ({ w, t }: LossPoint) =>
      turn.matmul(w.leaf('W').cast('float64'), { transposeA: true }).sub(target.mul(t.cos())).square().mul(scale).sum();
    const [a, b, d, e] = asMatrix.W.values;
    const start = { W: { ...asMatrix.W, values: [c * a - s * d, c * b - s * e, s * a + c * d, s * b + c * e] } };
    const options = soap({ ...values, refresh: 2 });
    const straight = await trajectory(options, { w0: asMatrix, loss, steps: 6 });
    const other = await trajectory(options, { w0: start, loss: turned, steps: 6 });
    const back = other.w.map(([p, q, r, z]) => [c * p + s * r, c * q + s * z, -s * p + c * r, -s * q + c * z]);
    expectClose(back, straight.w, { relative: 1e-9 });
  });

  test('vectors with a basis, normalised updates, a first step that moves', async () => {
    const options = { ...setup, w0: tensors, loss: bowl };
    const { state } = await trajectory(soap({ vectors: true }), options);
    expect(state[0]['state.sides.1.left.A']).toHaveLength(4);
    const { w } = await trajectory(soap({ ...values, normalize: true, skipFirst: false }), options);
    const moved = w[0].map((x, i) => x - [1, -2, 3, 0.5, 0.3, -1, 1, -2, 0.5][i]);
    // lr times the correction, here 1, times a root mean square of 1 for each tensor.
    const rms = (part: readonly number[]) => Math.sqrt(part.reduce((sum, x) => sum + x * x, 0) / part.length);
    const correction = Math.sqrt(1 - 0.95) / (1 - 0.95);
    expectClose([rms(moved.slice(0, 6)), rms(moved.slice(6, 8)), rms(moved.slice(8))], Array(3).fill(0.1 * correction));
  });

  test('skipFirst: false takes the first gradient with its own bases and counts from it', async () => {
    const run = await trajectory(soap({ ...values, skipFirst: false, eps: 1e-12 }), setup);
    // In its own singular vectors the gradient is diagonal, and Adam's first step there the sign: an orthogonal matrix.
    const [a, b, c, d] = run.w[0].map((x, i) => (asMatrix.W.values[i] - x) / 0.1);
    expectClose([a * a + b * b, c * c + d * d, a * c + b * d], [1, 1, 0], { relative: 1e-4, absolute: 1e-4 });
  });

  test('zero gradients leave the parameters', async () => {
    const { w } = await trajectory(soap({ weightDecay: 0, refresh: 1 }), {
      ...setup,
      loss: ({ w: point }) => point.flat.mul(0).sum(),
    });
    expect(w[3]).toEqual([1, -2, 3, 0.5]);
  });

  test('refuses illegal values', () => {
    expect(() => soap({ beta1: 1 })).toThrow('soap: beta1 is 1; it must lie in [0, 1)');
    expect(() => soap({ refresh: 0 })).toThrow('soap: refresh is 0; it must be a whole number from 1');
  });
});
