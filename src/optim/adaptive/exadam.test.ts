import { describe, expect, test } from 'vitest';
import { expectClose, golden } from '../../testing/close.ts';
import { commonLoss, trajectory, w0 } from '../../testing/trajectory.ts';
import { exadam } from './exadam.ts';

const setup = { w0, loss: commonLoss, steps: 3 };

describe('exadam', () => {
  test.each([
    [
      'growing step',
      true,
      '-0.105725686609, -0.894261444484, 1.89425906021, -0.601196833371 | -0.0104455489031, -0.469609365229, 1.33124600119, 0.432668633625 | 0.127809433278, -0.328574803315, 1.00330865341, -0.634670340974',
    ],
    [
      'constant step',
      false,
      '-0.595224964654, -0.404756469438, 1.40475302966, -1.08869121055 | -0.0450694506321, -0.175786801216, 0.911584326765, 0.11316772714 | 0.130340902491, -0.193684933422, 0.713002434888, -0.653471381422',
    ],
  ])('golden: %s', async (_, dynamicStep, expected) => {
    const { w } = await trajectory(exadam({ lr: 0.1, dynamicStep }), setup);
    expectClose(w, golden(expected));
  });

  test('late, with the corrections gone, it is Adam on the mean gradient plus the current one', async () => {
    // Without memory (beta1 = beta2 = 0) there is nothing to correct: both terms are the gradient, and a step is 2 lr sign(g).
    const values = { lr: 0.01, beta1: 0, beta2: 0, eps: 1e-12, dynamicStep: false };
    const { w } = await trajectory(exadam(values), { ...setup, steps: 1 });
    expectClose(w[0], [0.98, -1.98, 2.98, 0.48], { relative: 1e-10 });
    // The dynamic step is ln(sqrt(2 (t + 1))) of that: ln 2 at first.
    const dynamic = await trajectory(exadam({ ...values, dynamicStep: true }), { ...setup, steps: 1 });
    expectClose(
      dynamic.w[0],
      [1, -2, 3, 0.5].map((x, i) => x - 0.02 * Math.LN2 * [1, -1, 1, 1][i]),
    );
  });

  test('keeps two floats; an eps of 0 would divide 0 by 0 and is refused', async () => {
    expect((await trajectory(exadam(), setup)).statePerParameter).toBe(2);
    expect(() => exadam({ eps: 0 })).toThrow('exadam: eps is 0; it must lie in (0, inf)');
  });
});
