import { describe, expect, test } from 'vitest';
import { expectClose, golden } from '../../testing/close.ts';
import { commonLoss, type LossPoint, trajectory, w0 } from '../../testing/trajectory.ts';
import { sgd } from '../first-order/sgd.ts';
import { gradientRegularization } from './gradient-regularization.ts';
import { sam } from './sam.ts';

type Values = Parameters<typeof gradientRegularization>[1];
const differences = ['forward', 'backward', 'centred', 'exact'] as const;
const quartic = { w0: [0.5, -1, 1.5, 0.25], loss: ({ w }: LossPoint) => w.flat.square().square().sum().mul(0.25) };
const run = (
  values: Values,
  setup = { w0: w0 as readonly number[], loss: commonLoss as typeof quartic.loss },
  steps = 3,
) => trajectory(gradientRegularization(sgd({ lr: 0.1 }), values), { ...setup, steps });

describe('gradient-regularization', () => {
  test.each(differences)('golden on a quadratic, where all differences are one: %s', async (grDifference) => {
    const expected =
      '0.941826825788, -1.88365365158, 2.82548047737, 0.496442696846 | 0.896750459218, -1.79350091844, 2.69025137765, 0.452901288127 | 0.860065981324, -1.72013196265, 2.58019794397, 0.387544285643';
    expectClose((await run({ grDifference })).w, golden(expected));
  });

  test.each([
    ['forward', '0.486550732422, -0.868475, 0.908097509766, 0.248408111477'],
    ['backward', '0.486574169922, -0.871475, 0.959355322266, 0.248408294582'],
    ['centred', '0.486562451172, -0.869975, 0.933726416016, 0.24840820303'],
    ['exact', '0.4865625, -0.87, 0.9346875, 0.248408203125'],
  ] as const)('golden on a quartic: %s', async (grDifference, expected) => {
    expectClose((await run({ grDifference }, quartic, 1)).w, golden(expected));
  });

  test('forward with gamma = eps is SAM without its norm', async () => {
    const regularized = await run({ grGamma: 0.2, grEps: 0.2 }, quartic);
    const unnormalized = await trajectory(sam(sgd({ lr: 0.1 }), { rho: 0.2, normalized: false }), {
      ...quartic,
      steps: 3,
    });
    expectClose(regularized.w, unnormalized.w, { relative: 1e-13 });
  });

  test('exact is the derivative of the regularised loss', async () => {
    // grad L = w^3, so that L + (gamma / 2) |grad L|^2 = w^4 / 4 + (gamma / 2) w^6.
    const penalized = ({ w }: LossPoint) => quartic.loss({ w } as LossPoint).add(w.flat.pow(6).sum().mul(0.05));
    const exact = await run({ grDifference: 'exact' }, quartic);
    const direct = await trajectory(sgd({ lr: 0.1 }), { ...quartic, loss: penalized, steps: 3 });
    expectClose(exact.w, direct.w, { relative: 1e-13 });
  });

  test.each([
    ['forward', { gradient: 2, hessianVector: 0 }],
    ['backward', { gradient: 2, hessianVector: 0 }],
    ['centred', { gradient: 3, hessianVector: 0 }],
    ['exact', { gradient: 1, hessianVector: 1 }],
  ] as const)('%s: its calls, and no state', async (grDifference, calls) => {
    const asked = await run({ grDifference }, undefined, 1);
    expect(asked.calls[0]).toEqual({ loss: 0, perExample: 0, ...calls });
    expect(asked.statePerParameter).toBe(0);
  });

  test('only a long ascending difference strengthens the preference for small weights of a factored regression', async () => {
    // beta = u^2 - v^2 in two coordinates of which the data see the sum; sqrt(|u v|) stays for gradient flow.
    const loss = ({ w }: LossPoint) => {
      const [u, v] = w.flat.split(2);
      return u.square().sub(v.square()).sum().sub(1).square().mul(0.5);
    };
    const scale = async (values: Values) => {
      const { w } = await trajectory(gradientRegularization(sgd({ lr: 0.02 }), values), {
        w0: [0.6, 0.6, 0.6, 0.6],
        loss,
        steps: 300,
      });
      const [u1, u2, v1, v2] = w[299];
      return Math.abs(u1 * u2 * v1 * v2) ** 0.25;
    };
    const none = await scale({ grGamma: 0 });
    const short = await scale({ grGamma: 0.3, grEps: 0.01 });
    const long = await scale({ grGamma: 0.3, grEps: 0.5 });
    const descending = await scale({ grGamma: 0.3, grEps: 0.5, grDifference: 'backward' });
    expect(long).toBeLessThan(short);
    expect(short).toBeLessThan(none);
    expect(descending).toBeGreaterThan(none);
  });

  test('illegal values are refused', () => {
    expect(() => gradientRegularization(sgd(), { grEps: 0 })).toThrow('grEps is 0; it must lie in (0, inf)');
  });
});
