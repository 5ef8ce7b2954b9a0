import { describe, expect, test } from 'vitest';
import { expectClose, golden } from '../../testing/close.ts';
import { commonLoss, trajectory, w0 } from '../../testing/trajectory.ts';
import { genSignsgd } from './gen-signsgd.ts';
import { signum } from './signum.ts';

const setup = { w0, loss: commonLoss, steps: 3 };
const run = (values: Parameters<typeof genSignsgd>[0]) => trajectory(genSignsgd(values), setup);

describe('gen-signsgd', () => {
  test.each([
    [
      'as in the paper',
      { lr: 0.01, eps: 0 },
      '[0.683772233983,-1.68377223398,2.68377223398,0.183772233983] | [0.423874202707,-1.41630272911,2.41408962172,-0.130304499104] | [0.218193155993,-1.1918650596,2.18466982993,-0.414050024316]',
    ],
    [
      'beta2 0.5',
      { lr: 0.1, eps: 0, beta2: 0.5 },
      '[0.858578643763,-1.85857864376,2.85857864376,0.358578643763] | [0.729229804755,-1.72842695397,2.72817636242,0.217443093911] | [0.610353743729,-1.60764681229,2.60683432221,0.0825982717056]',
    ],
    [
      'bias corrected',
      { lr: 0.01, biasCorrection: true },
      '[0.90000001805,-1.90000000902,2.90000000602,0.400000295167] | [0.836487604585,-1.83602622854,2.83587845128,0.325855927304] | [0.789834139551,-1.78863468819,2.78825577054,0.26726882704]',
    ],
  ])('golden: %s', async (_, values, expected) => {
    expectClose((await run(values)).w, golden(expected));
  });

  test('golden: bias corrected, with decay', async () => {
    const { w } = await run({ lr: 0.01, biasCorrection: true, weightDecay: 0.1 });
    expectClose(w[2], golden('[0.789170346229,-1.78800501088,2.7876368856,0.269022021696]')[0]);
  });

  test.each([0.1, 2])('with beta2 0 and eps 0 it is signum, lr %d', async (lr) => {
    expectClose((await run({ lr, beta2: 0, eps: 0 })).w, (await trajectory(signum({ lr }), setup)).w);
  });

  test('no step is longer than lr / sqrt(1 - beta2); the first is as long', async () => {
    const { w } = await trajectory(genSignsgd({ lr: 0.01, beta2: 0.99, eps: 0 }), { ...setup, steps: 30 });
    const moved = w.map((point, i) => point.map((x, j) => Math.abs(x - (i === 0 ? w0 : w[i - 1])[j])));
    expectClose(moved[0], Array(4).fill(0.1));
    expect(Math.max(...moved.flat())).toBeLessThan(0.1 + 1e-12);
  });

  test('with eps 0 gradients of 0 move nothing', async () => {
    const { w } = await trajectory(genSignsgd({ eps: 0 }), { ...setup, loss: (point) => commonLoss(point).mul(0) });
    expect(w).toEqual(Array(3).fill([...w0]));
  });

  test('two floats, one gradient', async () => {
    const { statePerParameter, calls } = await run({});
    expect(statePerParameter).toBe(2);
    expect(calls[0].gradient).toBe(1);
  });
});
