import { type Bundle, zerosLike } from '../../tensor/bundle.ts';
import { scalar } from '../../tensor/tensor.ts';
import { flag, log, positive } from '../hyper.ts';
import { defineOptimizer } from '../optimizer.ts';
import type { Oracle } from '../oracle.ts';

const hyper = {
  smoothness: positive(10, {
    tune: log(1, 1e3),
    doc: 'M, the assumed smoothness of the loss; the first step size is 1 / M',
  }),
  alpha: positive(10, { tune: log(0.1, 1e3), doc: 'weight of the first guess 1 / M; rule of thumb: as large as M' }),
  sameBatch: flag(false, "take both gradients on one minibatch, as in the authors' MNIST script"),
};
const batches = ({ sameBatch }: { readonly sameBatch: boolean }) => (sameBatch ? 1 : 2);
const source = 'Zhuang, Cutkosky & Orabona 2019, arXiv:1901.09068, Algorithm 2';

/** g moves the parameters; the independent g' only enters the inner product. */
const twoGradients = (oracle: Oracle, w: Bundle, sameBatch: boolean): [Bundle, Bundle] => [
  oracle.grad(w),
  oracle.grad(w, { batch: sameBatch ? 0 : 1 }),
];

/**
 * SGDOL: SGD whose step size is learned online. Zhuang, Cutkosky & Orabona 2019, arXiv:1901.09068, Algorithm 2.
 *
 * For an M-smooth loss f(w_{t+1}) - f(w_t) <= E[-eta <g, g'> + (M / 2) eta^2 |g|^2], g and g' two independent gradients at w_t.
 * Follow-the-regularised-leader on these surrogates, with prior (M alpha / 2) (eta - 1/M)^2, gives
 *
 *   w <- w - eta g,  A <- A + <g, g'>,  B <- B + |g|^2,  eta <- clip(A / (M B), 0, 2 / M),  A = B = alpha at first.
 *
 * So eta_t never depends on the gradients of its own step. Inner product and norm run over all tensors. Without noise eta stays 1 / M.
 * The authors' MNIST script takes both gradients on the same minibatch (only the dropout masks differ), which breaks the independence
 * that the theory needs: `sameBatch` does that, the default does not.
 * In float32 a gradient beyond 1e19 has no square and leaves NaN here; `clip-value` around it is the remedy.
 */
export const sgdol = defineOptimizer({
  id: 'sgdol',
  summary: 'SGD with online learning of the step size, from two gradients',
  source,
  hyper,
  batches,
  init: (_, { alpha }) => ({ A: alpha, B: alpha }),
  step({ w, state, oracle, hyper: { smoothness: M, sameBatch } }) {
    const [g, other] = twoGradients(oracle, w, sameBatch);
    const eta = state.A.div(state.B.mul(M)).clip(0, scalar(2, 'float64').div(M));
    return { w: w.sub(g.mul(eta)), state: { A: state.A.add(g.dot(other)), B: state.B.add(g.dot(g)) } };
  },
});

/**
 * Coordinate-wise SGDOL: the surrogate with a vector of step sizes splits into one problem for each coordinate, and each takes the rule of
 * `sgdol`. The split follows from the paper's surrogate; no code of the authors exists, and one alpha for all coordinates is assumed.
 * In float32 a gradient beyond 1e19 has no square and leaves NaN here; `clip-value` around it is the remedy.
 */
export const sgdolCoordinate = defineOptimizer({
  id: 'sgdol-coordinate',
  summary: 'SGDOL with a step size of its own for each coordinate',
  source: `${source}, one copy for each coordinate`,
  hyper,
  batches,
  init: (w, { alpha }) => ({ A: zerosLike(w).add(alpha), B: zerosLike(w).add(alpha) }),
  step({ w, state, oracle, hyper: { smoothness: M, sameBatch } }) {
    const [g, other] = twoGradients(oracle, w, sameBatch);
    const eta = state.A.div(state.B.mul(M)).clip(0, scalar(2, 'float64').div(M));
    return { w: w.sub(g.mul(eta)), state: { A: state.A.add(g.mul(other)), B: state.B.add(g.square()) } };
  },
});
