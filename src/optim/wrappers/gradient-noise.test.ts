import { describe, expect, test } from 'vitest';
import { expectClose, golden } from '../../testing/close.ts';
import { commonLoss, trajectory, w0 } from '../../testing/trajectory.ts';
import { sgd } from '../first-order/sgd.ts';
import { clipByGlobalNorm } from './clip.ts';
import { gradientNoise } from './gradient-noise.ts';
import { sam } from './sam.ts';

const draws = [
  [0.5, -1, 0.25, 2],
  [-0.75, 0.5, 1, -0.5],
  [1.5, 0, -1, 0.25],
];
const setup = { w0, loss: commonLoss, steps: 3, random: (t: number) => draws[t - 1] };

describe('gradient-noise', () => {
  test('golden', async () => {
    const expected =
      '0.917210849066, -1.83442169813, 2.82009786689, 0.387067580734 | 0.909461686122, -1.77365682405, 2.64631083045, 0.373701602331 | 0.813152896689, -1.70477383278, 2.58418548388, 0.305294217335';
    const { w, statePerParameter } = await trajectory(gradientNoise(sgd({ lr: 0.1 }), { noiseVariance: 0.3 }), setup);
    expectClose(w, golden(expected));
    expect(statePerParameter).toBe(0);
  });

  test('without variance it is the base', async () => {
    const { w } = await trajectory(gradientNoise(sgd({ lr: 0.1 }), { noiseVariance: 0 }), setup);
    expect(w).toEqual((await trajectory(sgd({ lr: 0.1 }), setup)).w);
  });

  test('clip outside clips before the noise, clip inside after it', async () => {
    const still = {
      ...setup,
      steps: 1,
      loss: ({ w }: { w: Parameters<typeof commonLoss>[0]['w'] }) => w.flat.sum().mul(0),
    };
    const noisy = { noiseVariance: 4 };
    const moved = async (optimizer: ReturnType<typeof sgd>) =>
      Math.hypot(...(await trajectory(optimizer, still)).w[0].map((x, i) => x - w0[i]));
    expect(await moved(clipByGlobalNorm(gradientNoise(sgd({ lr: 1 }), noisy)))).toBeCloseTo(
      2 * Math.hypot(...draws[0]),
      10,
    );
    expect(await moved(gradientNoise(clipByGlobalNorm(sgd({ lr: 1 })), noisy))).toBeCloseTo(1, 10);
  });

  test('each gradient of a step has noise of its own, of the promised size', async () => {
    const n = 4000;
    const from = {
      w0: Array(n).fill(0),
      loss: ({ w }: Parameters<typeof commonLoss>[0]) => w.flat.sum().mul(0),
      steps: 2,
    };
    const { w } = await trajectory(gradientNoise(sgd({ lr: 1 }), { noiseVariance: 1, noiseDecay: 2 }), from);
    const variance = (step: readonly number[]) => step.reduce((sum, x) => sum + x * x, 0) / n;
    expect(Math.abs(variance(w[0]) - 1)).toBeLessThan(0.1);
    expect(Math.abs(variance(w[1].map((x, i) => x - w[0][i])) - 0.25)).toBeLessThan(0.025);
    const twice = await trajectory(sam(gradientNoise(sgd())), { ...from, steps: 1 });
    expect(twice.w[0].every(Number.isFinite)).toBe(true);
  });
});
