import { describe, expect, test } from 'vitest';
import { constant, where } from '../../tensor/functions.ts';
import { scalar, type Tensor } from '../../tensor/tensor.ts';
import { expectClose, golden } from '../../testing/close.ts';
import { commonLoss, flippingLoss, lossWithGradient, trajectory, w0 } from '../../testing/trajectory.ts';
import { adam } from './adam.ts';
import { amsgrad } from './amsgrad.ts';

const short = { beta2: 0.5 } as const;

describe('amsgrad', () => {
  test.each([
    [
      'paper',
      'paper',
      short,
      commonLoss,
      '0.985857864737, -1.98585786456, 2.9858578645, 0.48585787028 | 0.963378664935, -1.96339552083, 2.96340117996, 0.470688379499 | 0.934091493533, -1.9339480811, 2.93390077522, 0.449778335906',
    ],
    [
      'paper, flipping',
      'paper',
      short,
      flippingLoss,
      '1.01414213502, -1.98585786472, 2.98585786444, 0.514142135423 | 1.0327826378, -1.96491174861, 2.96482788034, 0.534097427669 | 1.0246181385, -1.94546822363, 2.95303099033, 0.530754539377',
    ],
    [
      'PyTorch',
      'pytorch',
      short,
      commonLoss,
      '0.900000001805, -1.9000000009, 2.9000000006, 0.400000029517 | 0.796686166035, -1.79716352927, 2.79733507231, 0.330325084132 | 0.700451207556, -1.69780559275, 2.69700194782, 0.257820150932',
    ],
    [
      'PyTorch, flipping',
      'pytorch',
      short,
      flippingLoss,
      '1.09999999699, -1.90000000171, 2.90000000032, 0.599999998998 | 1.18587781599, -1.80926657319, 2.80396327119, 0.691418489352 | 1.15625677063, -1.7423221558, 2.76416603793, 0.678437005257',
    ],
    [
      'Optax',
      'optax',
      short,
      commonLoss,
      '0.900000001805, -1.9000000009, 2.9000000006, 0.400000029517 | 0.813835930231, -1.81146098698, 2.81066933921, 0.330325084132 | 0.738958246029, -1.73202447162, 2.72969563793, 0.257820150932',
    ],
    [
      'Optax, flipping',
      'optax',
      short,
      flippingLoss,
      '1.09999999699, -1.90000000171, 2.90000000032, 0.599999998998 | 1.18587781599, -1.82591646726, 2.80396327119, 0.691418489352 | 1.15625677063, -1.75904592715, 2.76711819272, 0.678437005257',
    ],
    [
      'paper, defaults',
      'paper',
      {},
      commonLoss,
      '0.683772414479, -1.68377232423, 2.68377229415, 0.18377518563 | 0.282718598696, -1.27014487446, 2.26718627459, -0.166776322848 | -0.0988236190526, -0.81806461294, 1.8006087167, -0.611779855899',
    ],
  ] as const)('golden: %s', async (_, variant, values, loss, expected) => {
    const { w, statePerParameter } = await trajectory(amsgrad({ lr: 0.1, variant, ...values }), { w0, loss, steps: 3 });
    expectClose(w, golden(expected));
    expect(statePerParameter).toBe(3);
  });

  test("after one gradient and silence the denominator stays in the paper's and Optax's forms, and shrinks in PyTorch's", async () => {
    const loss = lossWithGradient(({ t }) => where(t.eq(1), constant([1]), constant([0])));
    const growth = async (variant: 'paper' | 'pytorch' | 'optax') => {
      const { w } = await trajectory(amsgrad({ variant, eps: 0, beta1: 0.9, beta2: 0.9 }), { w0: [0], loss, steps: 2 });
      // The second step over the first, with the first moment divided out.
      const moments = variant === 'paper' ? 0.9 : (0.9 * (1 - 0.9)) / (1 - 0.9 ** 2);
      return (w[1][0] - w[0][0]) / w[0][0] / moments;
    };
    expectClose([await growth('paper'), await growth('optax')], [1, 1], { relative: 1e-12 });
    expectClose([await growth('pytorch')], [Math.sqrt(1 + 0.9)], { relative: 1e-12 });
  });

  test('a fading beta1 is for the form without bias correction', async () => {
    expect(() => amsgrad({ beta1Decay: 0.9 })).toThrow("amsgrad: beta1Decay is 0.9; with variant 'pytorch'");
    const faded = await trajectory(amsgrad({ variant: 'paper', beta1Decay: 1e-9 }), { w0, loss: commonLoss, steps: 3 });
    // From the second step on beta1 is gone: m is the gradient.
    const m = faded.state[3]['state.m'];
    expectClose(
      m,
      faded.w[1].map((x, i) => 0.5 * x + [0.1, -0.2, 0.3, -0.4][i] * Math.cos(3)),
      { relative: 1e-12 },
    );
  });

  test('Theorem 1: on 3x, -x, -x, 3x, ... over [-1, 1] Adam goes to the worst point, AMSGrad to the best', async () => {
    // Descent of y with x = clip(y) would leave the box: the clipped iterate is the next one, so y restarts from it at each step.
    const beta2 = 1 / (1 + 3 ** 2);
    const lr = 0.9 * Math.sqrt(1 - beta2);
    const gradient = (t: Tensor) =>
      where(t.sub(t.div(3).floor().mul(3)).eq(1), scalar(3, 'float64'), scalar(-1, 'float64'));
    const last = async (optimizer: ReturnType<typeof adam>) => {
      const boxed = {
        ...optimizer,
        step: (context: Parameters<typeof optimizer.step>[0]) => {
          const lrNow = (context.hyper.lr as Tensor).div(context.t.sqrt());
          const next = optimizer.step({ ...context, hyper: { ...context.hyper, lr: lrNow } });
          return { ...next, w: next.w.clip(-1, 1) };
        },
      };
      const { w } = await trajectory(boxed, {
        w0: [0],
        loss: lossWithGradient(({ t }) => gradient(t).reshape([1]).cast('float32')),
        steps: 999,
      });
      return w[998][0];
    };
    expect(await last(adam({ lr, beta1: 0, beta2 }))).toBeGreaterThan(0.9);
    expect(await last(amsgrad({ lr, beta1: 0, beta2, variant: 'paper' }))).toBeLessThan(-0.9);
  });
});
