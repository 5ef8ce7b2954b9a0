import { type Bundle, zerosLike } from '../../tensor/bundle.ts';
import type { Tensor } from '../../tensor/tensor.ts';
import type { Moments } from '../adaptive/adamw.ts';
import { linear, nonNegative } from '../hyper.ts';
import type { Optimizer, State } from '../optimizer.ts';
import type { Oracle } from '../oracle.ts';
import { adamRoot, debias, quotient } from '../rules.ts';
import { defineWrapper } from '../wrapper.ts';
import { perPoint } from './transformed.ts';

type Symbols = Readonly<Record<'lr' | 'beta1' | 'beta2' | 'eps', Tensor>> & {
  readonly epsHat?: boolean;
  readonly lrInBuffer?: boolean;
};
/** How far a base expects to move: its step size times its last direction, from its state after `done` steps. */
type Prediction = (state: State, hyper: Symbols, done: Tensor) => Bundle;

// Before the first step the moments are 0, and so is the direction.
const adamStep: Prediction = (state, { lr, beta1, beta2, eps, epsHat = false }, done) => {
  const { m, v } = state as Moments;
  const steps = done.maximum(1);
  return quotient(debias(m, beta1, steps), adamRoot(v, beta2, steps, eps, epsHat)).mul(lr);
};

const sgdStep: Prediction = (state, { lr, lrInBuffer }) => {
  const { buffer } = state as { buffer: Bundle };
  return lrInBuffer ? buffer : buffer.mul(lr);
};

/** The rule for a base of the paper; undefined for every other. */
function predictionOf({ id, values }: Optimizer): Prediction | undefined {
  if (id === 'adam' || id === 'adamw') return adamStep;
  return id === 'sgd' && values.momentum !== 0 && !values.nesterov ? sgdStep : undefined;
}

/**
 * XGrad: the gradient is taken where the base is expected to be `ahead` steps later, and moves the weights of now. Guan 2023,
 * arXiv:2305.18240, Algorithm 1.
 *
 *   w^ = w - ahead lr D,   g = grad L(w^),   the base steps from w with g
 *
 * D is the base's last direction: the momentum buffer of sgd, m^ / (sqrt(v^) + eps) of adam and adamw (with the corrections of the step before),
 * weight decay not included; at the first step D = 0. For every other base, Nesterov momentum among them, w^ = w + ahead (w - w_before): its
 * last displacement, one float more, which is the same wherever the step size is constant and nothing decays. The authors' SGD starts its
 * buffer at 0, so that dampening touches the first step too; ours is `sgd`. The paper studies small `ahead`; the default 1 is our choice.
 */
export const xgrad = defineWrapper({
  id: 'xgrad',
  summary: 'gradients at the weights that the base is expected to reach',
  source: 'Guan 2023, arXiv:2305.18240, Algorithm 1',
  hyper: { ahead: nonNegative(1, { tune: linear(0, 3), doc: 's: how many steps ahead the gradient is taken' }) },
  init: (w, _, base): { moved?: Bundle } => (predictionOf(base) ? {} : { moved: zerosLike(w) }),
  step({ w, state, baseState, oracle, t, hyper }, step, base) {
    const predict = predictionOf(base);
    // The hyperparameters of the base come with the wrapper's own.
    const symbols = hyper as unknown as Symbols;
    const shift = predict ? predict(baseState, symbols, t.sub(1)) : (state.moved as Bundle).neg();
    const next = step({ oracle: shifted(oracle, shift.mul(hyper.ahead)) });
    return { ...next, own: predict ? {} : { moved: next.w.sub(w) } };
  },
});

/** An oracle that answers for w - shift when it is asked at w. */
function shifted(oracle: Oracle, shift: Bundle): Oracle {
  const at = perPoint((w) => w.sub(shift));
  return {
    loss: (w, where) => oracle.loss(at(w, 0), where),
    grad: (w, where) => oracle.grad(at(w, 0), where),
    valueAndGrad: (w, where) => oracle.valueAndGrad(at(w, 0), where),
    hessianVector: (w, v, where) => oracle.hessianVector(at(w, 0), v, where),
    perExampleGrads: (w, where) => oracle.perExampleGrads(at(w, 0), where),
    sampledGrad: (w, where) => oracle.sampledGrad(at(w, 0), where),
    withTerm: (term) => shifted(oracle.withTerm(term), shift),
  };
}
