import { type DrivenContext, type DrivenResult, defineDriven } from '../driven.ts';
import { choice, count, type HyperValues, log, nonNegative, positive } from '../hyper.ts';
import { strongWolfe, type Trial } from './strong-wolfe.ts';

const hyper = {
  lr: positive(1, { tune: log(1e-2, 1), doc: 'first trial of the line search, or the step without one' }),
  maxIter: count(20, 'iterations of one step'),
  maxEval: count(25, 'evaluations of one step after which no iteration begins'),
  history: count(10, 'curvature pairs kept'),
  lineSearch: choice('strong-wolfe', ['strong-wolfe', 'none'], 'how far to go along a direction'),
  tolGrad: nonNegative(1e-7, { doc: 'stop when no coordinate of the gradient is larger' }),
  tolChange: nonNegative(1e-9, { doc: 'stop when neither loss nor any coordinate changes more' }),
};

/** What is remembered between iterations. Curvature pairs are oldest first; the vectors are empty before the first iteration. */
type Memory = {
  readonly iteration: number;
  readonly s: readonly Float64Array[];
  readonly y: readonly Float64Array[];
  /** Scale of the first inverse Hessian, s'y / y'y of the newest pair. */
  readonly gamma: number;
  readonly direction: Float64Array;
  readonly stepSize: number;
  readonly grad: Float64Array;
};

// Loops, not callbacks: with 10 pairs these two are most of a step on a small model.
function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i] * b[i];
  return sum;
}
const largest = (a: Float64Array): number => a.reduce((most, x) => Math.max(most, Math.abs(x)), 0);
/** a + scale b. */
function plus(a: Float64Array, scale: number, b: Float64Array): Float64Array {
  const sum = new Float64Array(a.length);
  for (let i = 0; i < a.length; i++) sum[i] = a[i] + scale * b[i];
  return sum;
}

/** Takes up the newest pair of step and gradient change where its curvature is positive. */
function remember(memory: Memory, grad: Float64Array, history: number): Memory {
  const y = plus(grad, -1, memory.grad);
  const s = memory.direction.map((x) => x * memory.stepSize);
  const curvature = dot(y, s);
  if (!(curvature > 1e-10)) return memory;
  return {
    ...memory,
    s: [...memory.s, s].slice(-history),
    y: [...memory.y, y].slice(-history),
    gamma: curvature / dot(y, y),
  };
}

/** Minus the approximate inverse Hessian times the gradient: the two-loop recursion (Nocedal & Wright 2006, Algorithm 7.4). */
function twoLoop({ s, y, gamma }: Memory, grad: Float64Array): Float64Array {
  const rho = s.map((step, i) => 1 / dot(y[i], step));
  const alpha: number[] = [];
  let q: Float64Array = grad.map((x) => -x);
  for (let i = s.length - 1; i >= 0; i--) {
    alpha[i] = rho[i] * dot(s[i], q);
    q = plus(q, -alpha[i], y[i]);
  }
  let r: Float64Array = q.map((x) => gamma * x);
  for (let i = 0; i < s.length; i++) r = plus(r, alpha[i] - rho[i] * dot(y[i], r), s[i]);
  return r;
}

type Context = DrivenContext<Memory, HyperValues<typeof hyper>>;

async function step({ w: start, state, oracle, hyper: values }: Context): Promise<DrivenResult<Memory>> {
  const { lr, maxIter, maxEval, history, lineSearch, tolGrad, tolChange } = values;
  let evaluations = 0;
  const evaluate = (w: Float64Array) => {
    evaluations++;
    return oracle.valueAndGrad(w);
  };
  let memory = state;
  let w = start;
  let { value, grad } = await evaluate(w);
  const loss = value;

  for (let iteration = 1; largest(grad) > tolGrad; iteration++) {
    const first = memory.iteration === 0;
    if (!first) memory = remember(memory, grad, history);
    const direction = twoLoop(memory, grad);
    const slope = dot(grad, direction);
    let stepSize = first ? Math.min(1, 1 / grad.reduce((sum, x) => sum + Math.abs(x), 0)) * lr : lr;
    memory = { ...memory, iteration: memory.iteration + 1, direction, stepSize, grad };
    if (slope > -tolChange) break;

    const before = value;
    if (lineSearch === 'strong-wolfe') {
      const along = async (t: number): Promise<Trial> => {
        const there = await evaluate(plus(w, t, direction));
        return { t, ...there, slope: dot(there.grad, direction) };
      };
      const options = { tolerance: tolChange, reach: largest(direction) };
      ({ value, grad, t: stepSize } = await strongWolfe(along, { t: 0, value, grad, slope }, stepSize, options));
      w = plus(w, stepSize, direction);
    } else {
      w = plus(w, stepSize, direction);
      if (iteration < maxIter) ({ value, grad } = await evaluate(w));
    }
    memory = { ...memory, stepSize };

    const moved = largest(direction) * stepSize;
    if (iteration === maxIter || evaluations >= maxEval) break;
    if (moved <= tolChange || Math.abs(value - before) < tolChange) break;
  }
  return { w, state: memory, loss };
}

/**
 * L-BFGS: quasi-Newton steps from the last few changes of the gradient. Liu & Nocedal 1989, Algorithm 2.1; the iteration, its stopping rules
 * and the strong Wolfe search are those of PyTorch's `LBFGS`.
 *
 *   d = -H g by the two-loop recursion on pairs (s, y) with s'y > 1e-10, H_0 = (s'y / y'y) I;  w <- w + t d
 *
 * The first trial is min(1, 1 / |g|_1) lr at the very first iteration and lr later. One step makes up to `maxIter` iterations on one minibatch,
 * and evaluates the loss again at its start; memory and iteration count go on from step to step. PyTorch keeps 100 pairs, and newer versions
 * of it also end a line search when `maxEval` is reached; we keep 10, as recommended, and allow 25 trials.
 */
export const lbfgs = defineDriven({
  id: 'lbfgs',
  summary: 'limited-memory quasi-Newton with a strong Wolfe line search',
  source: 'Liu & Nocedal 1989, Algorithm 2.1; PyTorch torch.optim.LBFGS',
  hyper,
  init: (): Memory => ({
    iteration: 0,
    s: [],
    y: [],
    gamma: 1,
    direction: new Float64Array(0),
    stepSize: 0,
    grad: new Float64Array(0),
  }),
  step,
});
