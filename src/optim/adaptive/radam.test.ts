import { describe, expect, test } from 'vitest';
import { expectClose, golden } from '../../testing/close.ts';
import { commonLoss, trajectory, w0 } from '../../testing/trajectory.ts';
import { radam } from './radam.ts';

const run = (values: Parameters<typeof radam>[0] = {}, steps = 8) =>
  trajectory(radam({ lr: 0.1, ...values }), { w0, loss: commonLoss, steps });

describe('radam', () => {
  test('golden: eight steps, rectified from the sixth', async () => {
    const { w, statePerParameter } = await run();
    expectClose(
      w,
      golden(
        '0.944596976941, -1.88919395388, 2.83379093082, 0.496612092235 | 0.895685871028, -1.79137174206, 2.68705761309, 0.473177568518 | 0.851950682949, -1.7039013659, 2.55585204885, 0.435047821711 | 0.810446983715, -1.62089396743, 2.43134095114, 0.394077601187 | 0.768490237716, -1.53698047543, 2.30547071315, 0.361071246719 | 0.76595315256, -1.5344433899, 2.3029336275, 0.359588993065 | 0.762718979085, -1.53120900463, 2.29969917182, 0.35817922704 | 0.758925228377, -1.52741417159, 2.29590397939, 0.356278926443',
      ),
    );
    expect(statePerParameter).toBe(2);
  });

  test("with the paper's threshold the fifth step is rectified already", async () => {
    const [code, paper] = [await run(), await run({ threshold: 4 })];
    expectClose(paper.w.slice(0, 4), code.w.slice(0, 4), { relative: 0, absolute: 0 });
    expect(paper.w[4]).not.toEqual(code.w[4]);
    expect(() => radam({ threshold: 3.9 })).toThrow('radam: threshold is 3.9; it must lie in [4, inf)');
  });

  test("the authors' code does nothing, not even weight decay, for five steps", async () => {
    const { w } = await run({ early: 'none', weightDecay: 0.1, decay: 'decoupled' });
    expect(w.slice(0, 5)).toEqual(Array(5).fill([...w0]));
    expect(w[5]).not.toEqual([...w0]);
  });

  test('with beta2 0.6 the average is never long enough: momentum with bias correction', async () => {
    const [a, b] = [await run({ beta2: 0.6 }), await run({ beta2: 0.1 })];
    expect(a.w).toEqual(b.w);
    expect(a.w.flat().every(Number.isFinite)).toBe(true);
  });
});
