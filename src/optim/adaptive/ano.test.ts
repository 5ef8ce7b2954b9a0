import { describe, expect, test } from 'vitest';
import { expectClose, golden } from '../../testing/close.ts';
import { commonLoss, flippingLoss, trajectory, w0 } from '../../testing/trajectory.ts';
import { ano, anolog } from './ano.ts';

const setup = { w0, loss: flippingLoss, steps: 3 };
const [LN2, LN3, LN5] = [2, 3, 5].map(Math.log);

describe('ano', () => {
  test.each([
    [
      'signs agree',
      commonLoss,
      '[0.900000001629, -1.90000000041, 2.90000000018, 0.400000435616] | [0.816026229268, -1.81281347442, 2.81178874202, 0.259526146319] | [0.744952154507, -1.73479884798, 2.73157165953, 0.11810391671]',
    ],
    [
      'signs part',
      flippingLoss,
      '[1.09999999547, -1.90000000147, 2.90000000005, 0.599999999498] | [1.22928280407, -1.83589503154, 2.78848069463, 0.721064565401] | [1.06534961713, -1.67300327768, 2.71412922547, 0.572903208189]',
    ],
  ])('golden: %s', async (_, loss, expected) => {
    expectClose((await trajectory(ano({ lr: 0.1 }), { ...setup, loss })).w, golden(expected));
  });

  test.each(['decayed', 'yogi'] as const)(
    '%s: momentum gives the sign alone, and v never is negative',
    async (decay) => {
      const rates = { lr: 0.1, beta2: 0.6, eps: 1e-4 };
      const { w, state } = await trajectory(ano({ ...rates, decay }), { ...setup, steps: 40 });
      w.forEach((point, i) => {
        const before = i === 0 ? w0 : w[i - 1];
        const { 'state.m': m, 'state.v': v } = state[i + 1];
        point.forEach((x, j) => {
          const slope = 0.5 * before[j] + [2, -1, -4, 3][j] * Math.cos(2 * (i + 1));
          const root = Math.sqrt(v[j] / (1 - 0.6 ** (i + 1)) + 1e-4);
          expect(v[j]).toBeGreaterThanOrEqual(0);
          expectClose([(before[j] - x) * root], [0.1 * Math.abs(slope) * Math.sign(m[j])], {
            relative: 1e-9,
            absolute: 1e-12,
          });
        });
      });
    },
  );

  test('the second moment: decayed in every step, or moved by its sign rule alone', async () => {
    const of = async (decay: 'decayed' | 'yogi') =>
      (await trajectory(ano({ lr: 1e-3, beta2: 0.9, decay }), { ...setup, loss: commonLoss, steps: 2 })).state.map(
        (at) => at['state.v'][0],
      );
    const [decayed, yogi] = [await of('decayed'), await of('yogi')];
    expectClose([decayed[1]], [yogi[1]]);
    // The second gradient is smaller than the first and its square larger than v = 0.1 g^2: both add.
    expectClose([yogi[2] - decayed[2]], [0.1 * yogi[1]]);
  });

  test('a second moment that could turn negative is refused; a zero gradient moves nothing', async () => {
    expect(() => ano({ beta2: 0.4 })).toThrow('ano: beta2 is 0.4; it must lie in [0.5, 1)');
    const still = await trajectory(ano(), { ...setup, loss: ({ w }) => w.flat.sum().mul(0) });
    expect(still.w[2]).toEqual([...w0]);
    expect(still.statePerParameter).toBe(2);
  });
});

describe('anolog', () => {
  const first = '[4.16213447555, 1.16223127777, -0.162276081338, 3.66226179947]';
  test.each([
    [
      'code',
      0,
      `${first} | [1.25625366572, -1.6968167038, -2.13917732502, 3.25438913453] | [-1.7465119544, 0.827232456318, 0.300236350766, 0.168015546155]`,
    ],
    [
      'ln(t + 2)',
      2,
      `${first} | [1.25625366572, -1.6968167038, -2.13917732502, 4.07013446441] | [-1.7465119544, 0.827232456318, 0.300236350766, 0.972052047453]`,
    ],
  ])('golden: %s', async (_, logShift, expected) => {
    expectClose((await trajectory(anolog({ lr: 0.1, logShift }), setup)).w, golden(expected));
  });

  test.each([
    [{}, [1 / LN2, 1 / LN2, 1 / LN3]],
    [{ logShift: 2 }, [1 / LN3, 1 / Math.log(4), 1 / LN5]],
    [{ momentum: 'sqrt' } as const, [1, Math.SQRT1_2, 1 / Math.sqrt(3)]],
    [{ momentum: 'harmonic' } as const, [1, 1 / 2, 1 / 3]],
  ])('the share of the new gradient in the momentum: %j', async (values, shares) => {
    const { state } = await trajectory(anolog(values), { ...setup, loss: ({ w, t }) => w.flat.sum().mul(t) });
    let m = 0;
    const expected = shares.map((share, i) => {
      m += share * (i + 1 - m);
      return m;
    });
    expectClose(
      state.slice(1).map((at) => at['state.m'][0]),
      expected,
    );
  });
});
