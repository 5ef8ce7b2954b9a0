import { describe, expect, test } from 'vitest';
import { conditionedWeight } from '../../nn/weight-conditioning.ts';
import { evaluate } from '../../runtime/reference/index.ts';
import { Bundle, Layout } from '../../tensor/bundle.ts';
import { constant, parameter } from '../../tensor/functions.ts';
import { gradients } from '../../tensor/transforms.ts';
import { expectClose } from '../../testing/close.ts';
import { asMatrix, type LossPoint, trajectory, w0 } from '../../testing/trajectory.ts';
import { adahessian } from '../curvature/adahessian.ts';
import { sgd } from '../first-order/sgd.ts';
import { createOracle, type Oracle } from '../oracle.ts';
import { weightConditioning } from './weight-conditioning.ts';

const conditioned = [0.4472135955, -0.894427191, 0.986393923832, 0.164398987305];
const upstream = [0.3, -0.1, 0.2, 0.4];
const golden = [0.0894427191, 0.04472135955, -0.0195501498417, 0.11730089905];
const float64 = { dtype: 'float64' } as const;

const linearLoss = ({ w }: LossPoint) => w.flat.mul(constant(upstream, float64).cast(w.flat.dtype)).sum();
/** Singular values s1 >= s2 of a 2 x 2 matrix: s1^2 + s2^2 = |W|^2, s1 s2 = |det W|. */
const condition = ([a, b, c, d]: readonly number[]) => {
  const [sum, product] = [a * a + b * b + c * c + d * d, Math.abs(a * d - b * c)];
  return (sum + Math.sqrt(sum * sum - 4 * product * product)) / (2 * product);
};

describe('weight-conditioning', () => {
  test('golden: conditioned weights, their gradient and condition', () => {
    const W = parameter('W', [2, 2], 'float64');
    const y = conditionedWeight(W);
    const [g] = gradients(y.mul(constant(upstream, { shape: [2, 2], ...float64 })).sum(), [W]);
    const [forward, backward] = evaluate([y, g], new Map([[W, [...w0]]]));
    expectClose([...forward.data], conditioned);
    expectClose([...backward.data], golden);
    expectClose([condition(w0), condition([...forward.data])], [1.54510067423, 1.3539592699]);
    expect(() => conditionedWeight(parameter('b', [2]))).toThrow('takes [out, in, ...]');
  });

  test('golden: the wrapper steps the raw weights and evaluates at the conditioned ones', async () => {
    const { w, evaluation, calls, statePerParameter } = await trajectory(weightConditioning(sgd({ lr: 1 })), {
      w0: asMatrix,
      loss: linearLoss,
      steps: 1,
    });
    // A loss with the float32 constants of upstream.
    expectClose(
      w[0],
      w0.map((x, i) => x - golden[i]),
      { relative: 1e-7 },
    );
    const norms = [Math.hypot(w[0][0], w[0][1]), Math.hypot(w[0][2], w[0][3])];
    expectClose(
      evaluation[0],
      w[0].map((x, i) => x / norms[i >> 1]),
      { relative: 1e-14 },
    );
    expect(calls[0]).toEqual({ loss: 0, gradient: 1, hessianVector: 0, perExample: 0 });
    expect(statePerParameter).toBe(0);
  });

  test('detachNorm leaves the norm out of the gradient', async () => {
    const base = sgd({ lr: 1 });
    const from = { w0: asMatrix, loss: linearLoss, steps: 1 };
    const { w } = await trajectory(weightConditioning(base, { detachNorm: true }), from);
    const norms = [Math.sqrt(5), Math.hypot(3, 0.5)];
    expectClose(
      w[0],
      w0.map((x, i) => x - upstream[i] / norms[i >> 1]),
      { relative: 1e-7 },
    );
  });

  const parts = {
    K: { shape: [2, 1, 1, 2], values: [...w0], role: 'kernel' as const },
    head: { shape: [1, 2], values: [1, 2], role: 'head' as const },
    b: { shape: [2], values: [3, 4], role: 'bias' as const },
  };
  test('the head, biases and embeddings are not conditioned; rows of zeros stay finite', async () => {
    const loss = ({ w }: LossPoint) => w.flat.square().sum();
    const { evaluation } = await trajectory(weightConditioning(sgd({ lr: 0.1 })), { w0: parts, loss, steps: 1 });
    expectClose(evaluation[0], [...conditioned, 0.8, 1.6, 2.4, 3.2]);
    const zeros = { W: { ...asMatrix.W, values: [0, 0, 0, 0] } };
    const still = await trajectory(weightConditioning(sgd()), { w0: zeros, loss: linearLoss, steps: 2 });
    expect([...still.w, ...still.evaluation].flat().every(Number.isFinite)).toBe(true);
  });

  /** The wrapper's oracle, as its base sees it. */
  function oracleOf(detachNorm: boolean) {
    const layout = new Layout(Object.entries(parts).map(([name, { shape, role }]) => ({ name, shape, role })));
    const w = Bundle.fromFlat(layout, parameter('w', [layout.size], 'float64'));
    const x = parameter('x', [3, layout.size], 'float64');
    const { oracle } = createOracle({
      batch: () => ({ x }),
      loss: (at, batch) =>
        batch.x
          .matmul(at.flat.reshape([-1, 1]))
          .sin()
          .mean(),
    });
    let seen: Oracle | undefined;
    const base = sgd();
    const spy: typeof base = {
      ...base,
      step(context) {
        seen = context.oracle;
        return { w, state: {} };
      },
    };
    const wrapped = weightConditioning(spy, { detachNorm });
    const context = { w, state: {}, oracle, hyper: { detachNorm } };
    wrapped.step(context as unknown as Parameters<typeof wrapped.step>[0]);
    const values = new Map([
      [w.flat, [...w0, 1, 2, 3, 4]],
      [x, Array.from({ length: 3 * layout.size }, (_, i) => Math.sin(i + 1))],
    ]);
    return { oracle: seen as Oracle, w, layout, values };
  }

  test('Hessian-vector products are the derivative of its gradient', () => {
    const { oracle, w, layout, values } = oracleOf(false);
    const v = Array.from({ length: layout.size }, (_, i) => Math.cos(i));
    const direction = Bundle.fromFlat(layout, constant(v, float64));
    const product = [...evaluate([oracle.hessianVector(w, direction).flat], values)[0].data];
    const gradientAt = (h: number) => {
      const start = values.get(w.flat) as number[];
      const moved = new Map(values).set(
        w.flat,
        start.map((x, i) => x + h * v[i]),
      );
      return [...evaluate([oracle.grad(w).flat], moved)[0].data];
    };
    const [high, low] = [gradientAt(1e-5), gradientAt(-1e-5)];
    expectClose(
      product,
      high.map((x, i) => (x - low[i]) / 2e-5),
      { relative: 1e-6, absolute: 1e-9 },
    );
  });

  test('with detachNorm the Hessian-vector product is E H E v', () => {
    const { oracle, w, layout, values } = oracleOf(true);
    const [v, u] = [Math.cos, Math.sin].map((f) =>
      Bundle.fromFlat(
        layout,
        constant(
          Array.from({ length: layout.size }, (_, i) => f(i)),
          float64,
        ),
      ),
    );
    const products = evaluate([oracle.hessianVector(w, v).dot(u), oracle.hessianVector(w, u).dot(v)], values);
    expectClose([...products[0].data], [...products[1].data], { relative: 1e-12 });
    const doubled = new Map(values).set(
      w.flat,
      (values.get(w.flat) as number[]).map((x, i) => (i < 4 ? 2 * x : x)),
    );
    // Twice the raw kernel: the same conditioned one, half the E.
    const kernel = Bundle.fromFlat(layout, v.flat.mul(constant([1, 1, 1, 1, 0, 0, 0, 0], float64)));
    const at = (known: typeof values) => evaluate([oracle.hessianVector(w, kernel).dot(kernel)], known)[0].data[0];
    expectClose([at(doubled)], [at(values) / 4], { relative: 1e-12 });
  });

  test('per-example gradients have its gradient as their mean', () => {
    const { oracle, w, values } = oracleOf(false);
    const [mean, g] = evaluate([oracle.perExampleGrads(w).mean(0), oracle.grad(w).flat], values);
    expectClose([...mean.data], [...g.data], { relative: 1e-12 });
  });

  test('carries a second-order base', async () => {
    const { w } = await trajectory(weightConditioning(adahessian()), {
      w0: asMatrix,
      loss: ({ w: at }) => at.flat.sub(1).square().sum(),
      steps: 2,
    });
    expect(w.flat().every(Number.isFinite)).toBe(true);
  });
});
