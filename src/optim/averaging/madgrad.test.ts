import { describe, expect, test } from 'vitest';
import { constant } from '../../tensor/functions.ts';
import { expectClose, golden } from '../../testing/close.ts';
import { commonLoss, lossWithGradient, trajectory, w0 } from '../../testing/trajectory.ts';
import { madgrad } from './madgrad.ts';
import { mirrorMadgrad } from './mirror-madgrad.ts';

const setup = { w0, loss: commonLoss, steps: 3 };
/** A gradient that is 0 in the first coordinate for 20 steps. */
const late = lossWithGradient(({ t }) =>
  constant([1, 0, 0, 0])
    .mul(t.gt(20).cast('float32'))
    .add(constant([0, 1, -2, 3])),
);

describe('madgrad', () => {
  test.each([
    [
      'momentum',
      {},
      '[0.98230518625, -1.97770590533, 2.97447962015, 0.493028849078] | [0.953559826651, -1.94142963057, 2.9329264023, 0.47237320285] | [0.916095026912, -1.89399864736, 2.87852752288, 0.437390757822]',
    ],
    [
      'no momentum',
      { momentum: 0 },
      '[0.823051862496, -1.77705905334, 2.74479620149, 0.430288490782] | [0.707701713043, -1.62463516661, 2.56724622505, 0.291141078935] | [0.614850685373, -1.49381418783, 2.41165232645, 0.135825165895]',
    ],
    [
      "the paper's step sizes",
      { form: 'paper' } as const,
      '[0.982305304214, -1.97770605396, 2.97447979028, 0.493028895553] | [0.953560135398, -1.94143002036, 2.93292684887, 0.472373386689] | [0.916095582127, -1.89399935079, 2.87852832988, 0.437391173753]',
    ],
  ])('golden: %s', async (_, values, expected) => {
    expectClose((await trajectory(madgrad({ lr: 0.1, ...values }), setup)).w, golden(expected));
  });

  test('keeps three floats, two without momentum', async () => {
    expect((await trajectory(madgrad(), setup)).statePerParameter).toBe(3);
    expect((await trajectory(madgrad({ momentum: 0 }), setup)).statePerParameter).toBe(2);
  });

  test('under a constant gradient steps tend to (2/3)^(2/3) lr^(2/3) |g|^(1/3) and do not fade', async () => {
    const loss = ({ w }: { w: Parameters<typeof commonLoss>[0]['w'] }) => w.flat.sum().mul(2);
    const { w } = await trajectory(madgrad({ lr: 0.1, momentum: 0, eps: 0 }), { w0: [0], loss, steps: 400 });
    expectClose([w[398][0] - w[399][0]], [(2 / 3) ** (2 / 3) * 0.1 ** (2 / 3) * 2 ** (1 / 3)], { relative: 1e-4 });
  });

  test('decoupled decay takes lr weightDecay of the old w after the step', async () => {
    const values = { lr: 0.1, weightDecay: 0.2, decay: 'decoupled', form: 'paper' } as const;
    const { w } = await trajectory(madgrad(values), { ...setup, steps: 1 });
    const { w: bare } = await trajectory(madgrad({ ...values, weightDecay: 0 }), { ...setup, steps: 1 });
    expectClose(
      w[0],
      bare[0].map((x, i) => x - 0.1 * 0.2 * w0[i]),
    );
  });
});

describe('mirror-madgrad', () => {
  test('golden', async () => {
    const expected =
      '[0.991786823531, -1.98965204608, 2.98815454977, 0.496764233363] | [0.976772824965, -1.970713937, 2.96646584962, 0.48447017405] | [0.956171997189, -1.94466760106, 2.93660841574, 0.462160612619]';
    expectClose((await trajectory(mirrorMadgrad({ lr: 0.1 }), setup)).w, golden(expected));
  });

  test('keeps two floats, one without momentum, when z is w', async () => {
    expect((await trajectory(mirrorMadgrad(), setup)).statePerParameter).toBe(2);
    expect((await trajectory(mirrorMadgrad({ momentum: 0 }), setup)).statePerParameter).toBe(1);
  });

  test('decoupled decay shrinks z before its step', async () => {
    const values = { lr: 0.1, momentum: 0, weightDecay: 0.2, decay: 'decoupled' } as const;
    const { w } = await trajectory(mirrorMadgrad(values), { ...setup, steps: 1 });
    const { w: bare } = await trajectory(mirrorMadgrad({ ...values, weightDecay: 0 }), { ...setup, steps: 1 });
    expectClose(
      w[0],
      bare[0].map((x, i) => x - 0.1 * 0.2 * w0[i]),
    );
  });
});

test.each([
  ['madgrad', madgrad({ lr: 0.1, eps: 0 })],
  ['madgrad without momentum', madgrad({ lr: 0.1, eps: 0, momentum: 0 })],
  ['mirror-madgrad', mirrorMadgrad({ lr: 0.1 })],
])('%s: with eps 0 a parameter without gradient stays exactly where it is, then moves', async (_, optimizer) => {
  const { w } = await trajectory(optimizer, { w0, loss: late, steps: 22 });
  expect(w[19][0]).toBe(1);
  expect(w[19][1]).toBeLessThan(-2);
  expect(w[21][0]).toBeLessThan(1);
  expect(w.flat().every(Number.isFinite)).toBe(true);
});
