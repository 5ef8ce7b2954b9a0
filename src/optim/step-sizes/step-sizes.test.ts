import { describe, expect, test } from 'vitest';
import { constant } from '../../tensor/functions.ts';
import { expectClose, golden } from '../../testing/close.ts';
import { commonLoss, drivenTrajectory, type LossPoint, trajectory, w0 } from '../../testing/trajectory.ts';
import { sgd } from '../first-order/sgd.ts';
import type { Optimizer } from '../optimizer.ts';
import { bpgrad } from './bpgrad.ts';
import { dfw } from './dfw.ts';
import { psps } from './psps.ts';
import { slsArmijo } from './sls-armijo.ts';
import { sps } from './sps.ts';

const float64 = { dtype: 'float64' } as const;
const a = constant([0.1, 0.5, 1, 2], float64);
const c = constant([0.1, -0.2, 0.3, -0.4], float64);

/** f_t(w) = sum a w^2 / 2 + cos(t) c.w, so g_t = a w + c cos(t). */
const curved = ({ w, t }: LossPoint) => {
  const x = w.flat.cast('float64');
  return x.square().mul(a).sum().mul(0.5).add(x.dot(c).mul(t.cos()));
};
/** The same above its least value, -cos(t)^2 sum c^2 / (2 a). */
const aboveLeast = (point: LossPoint) =>
  curved(point).add(c.square().div(a).sum().mul(0.5).mul(point.t.cos().square()));

const run = (optimizer: Optimizer, loss = curved, steps = 3) => trajectory(optimizer, { w0, loss, steps });

/** Step sizes of a method whose steps lie along the gradient. */
const lengths = ({ w }: Awaited<ReturnType<typeof run>>) =>
  w.map((point, i) => {
    const before = i === 0 ? w0 : w[i - 1];
    const g = before.map((x, j) => [0.1, 0.5, 1, 2][j] * x + [0.1, -0.2, 0.3, -0.4][j] * Math.cos(i + 1));
    return (before[3] - point[3]) / g[3];
  });

test('the problem', async () => {
  const { loss } = await run(sgd({ lr: 0.1 }));
  const { loss: above } = await run(sgd({ lr: 0.1 }), aboveLeast);
  expectClose([loss[0], above[0] - loss[0]], [6.44836276704, 0.0510871518021]);
});

describe('sps', () => {
  test('golden: SPS_max', async () => {
    const found = await run(sps({ lr: 1 }), aboveLeast);
    expectClose(lengths(found), [1, 1, 0.557343795297]);
    expectClose(found.w[2], golden('[0.813410084912,-0.492079444132,0.220792846391,-0.234173126377]')[0]);
    const capped = await run(sps({ lr: 0.6 }), aboveLeast);
    expectClose(capped.w[2], golden('[0.884809564329,-0.807985658277,0.38460051521,-0.216436248894]'));
  });

  test('golden: smooth', async () => {
    const found = await run(sps({ lr: 0.25, cap: 'smooth', batchesPerEpoch: 2 }), aboveLeast);
    expectClose(
      found.state.slice(1).map((one) => one['state.eta']),
      golden('0.353553390593 | 0.5 | 0.707106781187'),
    );
    expectClose(found.w[2], golden('[0.924087140344,-0.946639435257,0.503909332242,-0.245537430341]'));
  });

  test('one gradient with its loss; no state, or one number', async () => {
    const { calls, statePerParameter } = await run(sps());
    expect(calls[0]).toEqual({ loss: 0, gradient: 1, hessianVector: 0, perExample: 0 });
    expect(statePerParameter).toBe(0);
    expect((await run(sps({ cap: 'smooth' }))).statePerParameter).toBe(1 / 4);
  });

  test('below fStar, and where the gradient is 0, nothing moves, and the smooth cap stays', async () => {
    const below = await run(sps({ fStar: 100, cap: 'smooth' }));
    expect(below.w).toEqual(Array(3).fill([...w0]));
    expect(below.state[3]['state.eta']).toEqual([1]);
    expect((await run(sps(), (point) => curved(point).mul(0))).w).toEqual(Array(3).fill([...w0]));
  });

  test('with c 1 reaches the least value of a line in one step', async () => {
    const line = ({ w }: LossPoint) =>
      w.flat
        .cast('float64')
        .dot(constant([1, 2, -1, 0], float64))
        .add(20);
    const { loss } = await run(sps({ lr: 1e9, c: 1, eps: 0, fStar: 3 }), line, 2);
    expectClose([loss[1]], [3]);
  });
});

describe('psps', () => {
  test.each([
    [
      1,
      [0.5, 0.5, 0.5],
      '[0.229848847066,-0.891939538826,1.41895465412,0.304030230587]',
      '[0.656495169203,-0.462598067681,0.534448550761,-0.0437990338407]',
    ],
    [0.1, [0.1, 0.1, 0.1], undefined, '[0.821687978174,-1.49507519127,2.21480639345,0.345962404365]'],
  ])('golden: B the diagonal of the Hessian, lr %d', async (lr, eta, first, last) => {
    // Hutchinson's estimate of a diagonal Hessian is exact.
    const found = await run(psps({ lr }), aboveLeast);
    if (first) expectClose(found.w[0], golden(first)[0]);
    expectClose(found.w[2], golden(last)[0]);
    expectClose(
      lengths(found).map((length) => length * 2),
      eta,
    );
    expect(found.calls[0]).toEqual({ loss: 0, gradient: 1, hessianVector: 1, perExample: 0 });
    expect(found.statePerParameter).toBe(1);
  });

  const scales = Array.from({ length: 20 }, (_, i) => 10 ** (-3 + (6 * i) / 19));
  const badlyScaled = {
    w0: Array(20).fill(1),
    loss: ({ w }: LossPoint) => w.flat.cast('float64').square().mul(constant(scales, float64)).sum().mul(0.5),
    steps: 100,
  };

  test('reaches 1e-6 on a badly scaled quadratic within 100 steps, where sps does not', async () => {
    expect((await trajectory(psps(), badlyScaled)).loss[99]).toBeLessThan(1e-6);
    for (const c of [0.5, 1]) {
      expect((await trajectory(sps({ c, lr: 1e9 }), badlyScaled)).loss[99]).toBeGreaterThan(1e-3);
    }
  });

  test.each([['adam'], ['adagrad']] as const)(
    'preconditioner %s: B is the root of the squares of gradients',
    async (preconditioner) => {
      const { w } = await run(psps({ lr: 0.1, preconditioner }), aboveLeast, 1);
      // After one step B is |g| for both.
      expectClose(w[0], [0.9, -1.9, 2.9, 0.4]);
    },
  );

  test('where the gradient is 0 nothing moves', async () => {
    expect((await run(psps(), (point) => curved(point).mul(0))).w).toEqual(Array(3).fill([...w0]));
  });
});

describe('dfw', () => {
  test('golden: momentum and decay', async () => {
    const { w, statePerParameter } = await run(dfw({ weightDecay: 0.01 }));
    expectClose(w[2], golden('[0.925083486636,-1.27649478566,1.0112712962,-0.128518786208]')[0]);
    expect(statePerParameter).toBe(1);
  });

  test('golden: without; a negative loss stops it', async () => {
    const found = await run(dfw({ lr: 1, momentum: 0 }));
    expectClose(lengths(found), [0.543486058975, 0.580166274733, 0]);
    const expected = golden('[0.887270287886,-1.04059772051,0.610425308142,-0.108433967426]')[0];
    expectClose(found.w.slice(1), [expected, expected]);
    expect(found.loss[2]).toBeLessThan(0);
    expect(found.statePerParameter).toBe(0);
  });

  test('where the loss is large, the step is that of SGD', async () => {
    const high = (point: LossPoint) => commonLoss(point).add(1e6);
    expectClose((await run(dfw({ momentum: 0 }), high)).w, (await run(sgd({ lr: 0.1 }), high)).w);
  });
});

describe('bpgrad', () => {
  test('golden', async () => {
    const { w, statePerParameter } = await run(bpgrad({ weightDecay: 0.01 }));
    expectClose(w[2], golden('[0.899956653321,-1.17830176372,0.707496858898,-0.163832956664]')[0]);
    // v <- 0.9 v - s lr g, read at the third coordinate.
    const x = [w0[2], ...w.map((point) => point[2])];
    const s = w.map((_, i) => {
      const momentum = i === 0 ? 0 : 0.9 * (x[i] - x[i - 1]);
      return (momentum - (x[i + 1] - x[i])) / (0.1 * (1.01 * x[i] + 0.3 * Math.cos(i + 1)));
    });
    expectClose(s, [1.87338472374, 1.33752328872, 0.683548549028]);
    expect(statePerParameter).toBe(1);
  });

  test('golden: step lengths, which momentum 0 keeps', async () => {
    // The first step is s lr g with and without momentum: it moves, other than in the code that the golden numbers are from.
    for (const momentum of [0, 0.9]) {
      const { w } = await run(bpgrad({ weightDecay: 0.01, momentum }), curved, 1);
      const g = w0.map((x, j) => [0.11, 0.51, 1.01, 2.01][j] * x + [0.1, -0.2, 0.3, -0.4][j] * Math.cos(1));
      expectClose([(w0[2] - w[0][2]) / (0.1 * g[2])], [1.87338472374]);
    }
  });
});

describe('sls-armijo', () => {
  const search = (values: Parameters<typeof slsArmijo>[0], steps = 3, loss = curved) =>
    drivenTrajectory(slsArmijo({ lr: 2, batchesPerEpoch: 2, ...values }), { w0, loss, steps });
  /** Accepted step sizes and evaluations of each step. */
  const story = async (values: Parameters<typeof slsArmijo>[0]) => {
    const runs = await Promise.all([1, 2, 3].map((steps) => search(values, steps)));
    const evaluations = runs.map(({ calls }) => calls.loss + calls.gradient);
    return {
      eta: runs.map(({ state }) => (state as { eta: number }).eta),
      evaluations: evaluations.map((count, i) => count - (i === 0 ? 0 : evaluations[i - 1])),
      w: runs.map(({ w }, i) => w[i]),
    };
  };
  const kept = {
    eta: [1.8, 1.3122, 0.86093442],
    w: [
      golden('[0.722745584944,-0.00549116988747,-2.69176324517,-0.910982339775]')[0],
      golden('[0.708985605363,-0.233739949004,0.39534368945,-1.25147299388]')[0],
    ],
  };

  test.each([
    ['keep', [3, 5, 6]],
    ['restart', [3, 6, 10]],
  ] as const)('golden: reset %s', async (reset, evaluations) => {
    const found = await story({ reset });
    expectClose(found.eta, kept.eta);
    expect(found.evaluations).toEqual(evaluations);
    expectClose([found.w[0], found.w[2]], kept.w);
  });

  test('golden: reset grow', async () => {
    const found = await story({ reset: 'grow' });
    expectClose(found.eta, [1.67015793289, 1.3947137604, 0.849063475506]);
    expect(found.evaluations).toEqual([7, 7, 10]);
    expectClose(found.w[2], golden('[0.722054512156,-0.260927773264,0.414357143543,-1.18504130251]')[0]);
  });

  const bowl = ({ w }: LossPoint) => w.flat.cast('float64').square().sum().mul(0.5);

  test('accepts the first step that brings the share c of the linear decrease', async () => {
    // On |w|^2 / 2 the step eta is accepted from 2 (1 - c) down: 2 0.9^4 is the first below 1.4.
    const { state, calls } = await search({ c: 0.3, reset: 'restart' }, 1, bowl);
    expectClose([(state as { eta: number }).eta], [2 * 0.9 ** 4]);
    expect(calls.loss).toBe(5);
  });

  test('goldstein doubles a step that is too short, up to `largest`', async () => {
    const eta = async (values: Parameters<typeof slsArmijo>[0]) =>
      (await search({ lr: 0.001, reset: 'restart', condition: 'goldstein', ...values }, 1, bowl)).state;
    // On |w|^2 / 2 Armijo holds up to 2 (1 - c), Goldstein from 2 c on: 0.001 2^8 is the first power of two there.
    expect(await eta({ c: 0.1 })).toEqual({ eta: 0.256 });
    expect(await eta({ c: 0.1, largest: 0.1 })).toEqual({ eta: 0.1 });
  });

  test('`largest` bounds a step size that would grow for ever', async () => {
    const flat = ({ w }: LossPoint) => w.flat.cast('float64').sum();
    const eta = async (largest: number) =>
      (await search({ reset: 'grow', largest }, 20, flat)).state as { eta: number };
    expectClose([(await eta(1e6)).eta, (await eta(10)).eta], [2 * 2 ** 10, 10]);
  });

  test('a gradient of 0 moves nothing; where no trial is accepted the step is 1e-6', async () => {
    const still = await search({}, 2, (point) => curved(point).mul(0));
    expect(still.w).toEqual([[...w0], [...w0]]);
    // The gradient points the wrong way: the loss rises along it.
    const lies = ({ w }: LossPoint) => {
      const x = w.flat.cast('float64').sum();
      return x.stopGradient().mul(2).sub(x);
    };
    const { w, calls } = await search({}, 1, lies);
    expectClose(w[0], [1 + 1e-6, -2 + 1e-6, 3 + 1e-6, 0.5 + 1e-6], { relative: 1e-14 });
    expect(calls.loss).toBe(100);
  });

  test('refuses shares outside (0, 1)', () => {
    expect(() => slsArmijo({ c: 1 })).toThrow('sls-armijo: c is 1; it must lie in (0, 1)');
  });
});
