import { describe, expect, test } from 'vitest';
import { evaluate } from '../../runtime/reference/index.ts';
import { createRuntime } from '../../runtime/runtime.ts';
import { constant } from '../../tensor/functions.ts';
import { scalar, type Tensor } from '../../tensor/tensor.ts';
import { expectClose, golden } from '../../testing/close.ts';
import { commonLoss, type LossPoint, type Setup, trajectory, w0 } from '../../testing/trajectory.ts';
import { adagrad } from '../adaptive/adagrad.ts';
import { adagradNorm } from '../adaptive/adagrad-norm.ts';
import { adamw } from '../adaptive/adamw.ts';
import { sgd } from '../first-order/sgd.ts';
import { sgdol } from '../first-order/sgdol.ts';
import { galoreAdam } from '../matrix/galore-adam.ts';
import type { Optimizer } from '../optimizer.ts';
import { clipByGlobalNorm } from '../wrappers/clip.ts';
import { sam } from '../wrappers/sam.ts';
import { adaptiveBatch } from './adaptive-batch.ts';
import { coordinateTest, innerProductTest, normTest, orthogonalityTest, sampleVariance } from './variance.ts';

const value = (x: Tensor): number => evaluate([x], new Map())[0].data[0];
const number = (x: number) => scalar(x, 'float64');
const rows = constant(
  [
    [1, 0, 2],
    [0, 1, 1],
    [2, -1, 0],
    [1, 2, 3],
  ],
  { dtype: 'float64' },
);

describe('tests of a batch', () => {
  const mean = rows.mean(0);
  test('golden', () => {
    const variance = sampleVariance(rows);
    expectClose([value(mean.square().sum()), value(variance.sum())], [3.5, 4]);
    expectClose([value(normTest(variance.sum(), mean, number(0.5)))], [4.57142857143]);
    expectClose([value(sampleVariance(rows.mul(mean).sum(1)))], [5.16666666667]);
    expectClose([value(innerProductTest(rows, mean, number(0.5)))], [1.68707482993]);
    expectClose([value(orthogonalityTest(rows, mean, number(1)))], [0.721088435374]);
    const each = [0, 1, 2].map((j) => value(normTest(variance.at(0, j), mean.at(0, j), number(0.5))));
    expectClose(each, [2.66666666667, 26.6666666667, 2.96296296296]);
    expectClose([value(coordinateTest(variance, mean, number(0.5)))], [26.6666666667]);
  });

  test('no gradient asks for nothing, scatter around none for all there is', () => {
    const none = constant([[0], [0]], { dtype: 'float64' });
    const scattered = constant([[1], [-1]], { dtype: 'float64' });
    const of = (grads: Tensor) => [
      value(normTest(sampleVariance(grads).sum(), grads.mean(0), number(1))),
      value(coordinateTest(sampleVariance(grads), grads.mean(0), number(1))),
      value(innerProductTest(grads, grads.mean(0), number(1))),
      value(orthogonalityTest(grads, grads.mean(0), number(1))),
    ];
    expect(of(none)).toEqual([0, 0, 0, 0]);
    // No inner product with a mean of 0 scatters.
    expect(of(scattered)).toEqual([Number.MAX_VALUE, Number.MAX_VALUE, 0, Number.MAX_VALUE]);
  });
});

/** Least squares: minibatch t holds examples [size (t - 1), size t) of twenty-four, round and round. */
const inputs = Array.from({ length: 24 }, (_, i) => [Math.sin(3 * i), Math.cos(7 * i * i), Math.sin(5 * i + 2)]);
const targets = inputs.map(([a, b, c], i) => a - 2 * b + c + 1.5 * Math.sin(11 * i * i));
const examplesOf =
  (size: number): Setup['examples'] =>
  ({ t }) => {
    const place = t.sub(1).mul(size);
    const first = place.sub(place.div(24).floor().mul(24));
    const indices = first
      .reshape([1])
      .add(constant([...Array(size).keys()], { dtype: 'float64' }))
      .cast('int32');
    return {
      x: constant(inputs, { dtype: 'float64' }).gather(indices),
      y: constant(targets, { dtype: 'float64' }).gather(indices),
    };
  };
const loss = ({ w, data = {} }: LossPoint) =>
  data.x
    .matmul(w.flat.cast('float64').reshape([3, 1]))
    .reshape([data.x.shape[0]])
    .sub(data.y)
    .square()
    .mean();
const setup = (size: number, steps: number): Setup => ({ w0: [0, 0, 0], loss, examples: examplesOf(size), steps });
const column = (run: Awaited<ReturnType<typeof trajectory>>, name: string) =>
  run.state.map((state) => (state[Object.keys(state).find((key) => key.endsWith(name)) ?? ''] ?? [])[0]);

describe('adaptive-batch', () => {
  test.each<[string, Optimizer]>([
    ['sgd', sgd({ lr: 0.05, momentum: 0.9 })],
    ['adagrad', adagrad({ lr: 0.1 })],
    ['adamw', adamw({ lr: 0.1 })],
  ])('with one minibatch at most it is the base: %s', async (_, base) => {
    const bounded = await trajectory(adaptiveBatch(base, { maxBatches: 1 }), setup(4, 8));
    const plain = await trajectory(base, setup(4, 8));
    expectClose(bounded.w, plain.w, { relative: 1e-12 });
  });

  test.each(['norm', 'coordinate'] as const)(
    'the batch of an update is its minibatches joined: %s',
    async (batchTest) => {
      // eta so strict that two minibatches are never enough: after the first update all take two.
      const strict = { batchTest, batchEta: 1e-3, maxBatches: 2 };
      const grown = await trajectory(adaptiveBatch(sgd({ lr: 0.1 }), strict), setup(4, 11));
      expect(column(grown, 'own.need')).toEqual([1, ...Array.from({ length: 11 }, () => 2)]);
      expect(column(grown, 'own.updates')).toEqual([0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6]);
      // The same from the first update on, with minibatches of eight examples (4 ... 11 and so on).
      const joined: Setup['examples'] = ({ t, batch }) => {
        const [a, b] = [0, 1].map((k) => examplesOf(4)?.({ t: t.mul(2).add(k), batch }) ?? {});
        return { x: a.x, y: a.y, x2: b.x, y2: b.y };
      };
      const both = (point: LossPoint) => {
        const { x, y, x2, y2 } = point.data ?? {};
        return loss({ ...point, data: { x, y } })
          .add(loss({ ...point, data: { x: x2, y: y2 } }))
          .div(2);
      };
      const start = { w0: grown.w[0], loss: both, examples: joined, steps: 5 };
      const whole = await trajectory(sgd({ lr: 0.1 }), start);
      expectClose(
        [2, 4, 6, 8, 10].map((i) => grown.w[i]),
        whole.w,
        { relative: 1e-12 },
      );
    },
  );

  test('the decision is that of the whole batch', async () => {
    // One minibatch of 4: its demand is what the next update needs. Inner products run over all tensors at once.
    for (const batchTest of ['norm', 'inner-product', 'augmented', 'coordinate'] as const) {
      const parts = { a: { shape: [2], values: [0, 0] }, b: { shape: [1], values: [0] } };
      const options = { ...setup(4, 1), w0: parts };
      const run = await trajectory(adaptiveBatch(sgd(), { batchTest, maxBatches: 1e6 }), options);
      const grads = constant(
        inputs.slice(0, 4).map((x, i) => x.map((a) => -2 * a * targets[i])),
        { dtype: 'float64' },
      );
      const mean = grads.mean(0);
      const half = number(0.5);
      const inner = value(innerProductTest(grads, mean, half));
      const demand = {
        norm: value(normTest(sampleVariance(grads).sum(), mean, half)),
        coordinate: value(coordinateTest(sampleVariance(grads), mean, half)),
        'inner-product': inner,
        augmented: Math.max(inner, value(orthogonalityTest(grads, mean, number(1)))),
      }[batchTest];
      expect(column(run, 'own.need')[1]).toBe(Math.max(1, Math.ceil(demand / 4)));
    }
  });

  test('a joined variance is the variance of all examples', async () => {
    const two = { batchEta: 1e-3, maxBatches: 2 };
    const run = await trajectory(adaptiveBatch(sgd({ lr: 1e-12 }), two), setup(4, 2));
    const [w] = run.w;
    const residual = (i: number) => inputs[i].reduce((sum, a, j) => sum + a * w[j], 0) - targets[i];
    const first = constant(
      [4, 5, 6, 7].map((i) => inputs[i].map((a) => 2 * a * residual(i))),
      { dtype: 'float64' },
    );
    expectClose([column(run, 'own.scatter')[2]], [3 * value(sampleVariance(first).sum())], { relative: 1e-9 });
    const third = await trajectory(adaptiveBatch(sgd({ lr: 1e-12 }), { ...two, maxBatches: 3 }), setup(4, 3));
    const rest = [4, 5, 6, 7, 8, 9, 10, 11].map((i) => inputs[i].map((a) => 2 * a * residual(i)));
    const all = 7 * value(sampleVariance(constant(rest, { dtype: 'float64' })).sum());
    expectClose([column(third, 'own.scatter')[3]], [all], { relative: 1e-9 });
  });

  test('a wrapper around it reaches the gradient', async () => {
    const clipped = { maxNorm: 0.01 };
    const around = await trajectory(clipByGlobalNorm(adaptiveBatch(sgd({ lr: 1 })), clipped), setup(4, 1));
    expectClose([Math.hypot(...around.w[0])], [0.01], { relative: 1e-9 });
  });

  test('grows and never shrinks, up to the largest', async () => {
    const run = await trajectory(adaptiveBatch(adagrad({ lr: 0.5 }), { maxBatches: 6 }), setup(4, 60));
    const need = column(run, 'own.need');
    expect(need.every((x, i) => i === 0 || x >= need[i - 1])).toBe(true);
    expect(need[60]).toBe(6);
    expect(run.calls[0]).toMatchObject({ gradient: 1, perExample: 1 });
    expect(run.programs).toBe(1);
  });

  test('golden: the updates of AdaGradNorm and AdaGrad that the paper pairs with it', async () => {
    const common = { w0, loss: commonLoss, steps: 3 };
    const norm = await trajectory(adagradNorm({ lr: 0.1, b0: 0.1 }), common);
    expectClose(
      norm.w,
      golden(
        '0.973308474202, -1.9466169484, 2.91992542261, 0.49836780698 | 0.95678472608, -1.91356945216, 2.87035417824, 0.482935528641 | 0.944587766726, -1.88917553345, 2.83376330018, 0.462441925754',
      ),
    );
    const each = await trajectory(adagrad({ lr: 0.1 }), common);
    expectClose(
      each.w,
      golden(
        '0.900000000018, -1.90000000001, 2.90000000001, 0.400000000295 | 0.840665735671, -1.83838712261, 2.83766014007, 0.300424629586 | 0.798362409005, -1.79276754839, 2.79098632247, 0.217492631112',
      ),
    );
  });

  test('the compiled engines agree', async () => {
    const optimizer = adaptiveBatch(sgd({ lr: 0.05, momentum: 0.9 }), { batchTest: 'augmented', maxBatches: 3 });
    const expected = await trajectory(optimizer, setup(4, 6));
    for (const engine of ['wasm', 'auto'] as const) {
      const runtime = createRuntime({ engine, threads: 1 });
      const actual = await trajectory(optimizer, { ...setup(4, 6), engine: runtime.engine });
      expectClose(actual.w, expected.w, { relative: 1e-5, absolute: 1e-5 });
    }
  });

  test('refuses what it cannot gather', async () => {
    expect(() => adaptiveBatch(sgdol())).toThrow('takes a base with one minibatch a step; this one has 2');
    expect(() => adaptiveBatch(sgd(), { maxBatches: 0 })).toThrow('maxBatches is 0; it must lie in [1, inf)');
    const matrix = { ...setup(4, 1), w0: { W: { shape: [3, 1], values: [0, 0, 0], role: 'matrix' } } } as const;
    await expect(trajectory(adaptiveBatch(galoreAdam({ rank: 1 })), matrix)).rejects.toThrow(
      'works every 200 of its steps',
    );
    await expect(trajectory(adaptiveBatch(sam(sgd())), setup(4, 1))).rejects.toThrow(
      'put adaptive-batch inside instead',
    );
    await expect(trajectory(adaptiveBatch(sgd()), setup(1, 1))).rejects.toThrow(
      'minibatches of 1 example have no variance',
    );
  });
});
