import { Bundle, type BundleOperand } from '../tensor/bundle.ts';
import { where } from '../tensor/functions.ts';
import type { Tensor } from '../tensor/tensor.ts';

/** Exponential moving average: decay * average + (1 - decay) * value. */
export const ema = (average: Bundle, value: BundleOperand, decay: Tensor): Bundle =>
  average.mul(decay).add(value instanceof Bundle ? value.mul(oneMinus(decay)) : oneMinus(decay).mul(value));

/** Removes the bias of a moving average that began at zero, after t steps (Kingma & Ba 2015, section 3). */
export const debias = (average: Bundle, decay: Tensor, t: Tensor): Bundle => average.div(oneMinus(decay.pow(t)));

/** 1 - x. */
export const oneMinus = (x: Tensor): Tensor => x.neg().add(1);

/** w where weight decay applies, 0 at biases and norm gains, which common practice leaves undecayed. */
export function decayed(w: Bundle): Bundle {
  const spared = (role: string) => role === 'bias' || role === 'gain';
  const { leaves } = w.layout;
  if (!leaves.some(({ role }) => spared(role))) return w;
  return w.mul(w.perLeaf(({ role }) => (spared(role) ? 0 : 1)));
}

/** L2 regularisation in the gradient: g + weightDecay w; g itself where the decay is switched off. */
export const l2 = (g: Bundle, w: Bundle, weightDecay: Tensor | undefined): Bundle =>
  weightDecay ? g.add(decayed(w).mul(weightDecay)) : g;

/** Decoupled weight decay: (1 - rate) w where decay applies; w itself where it is switched off. */
export const shrink = (w: Bundle, rate: Tensor | undefined): Bundle => (rate ? w.sub(decayed(w).mul(rate)) : w);

/** An amount of steps: numbers from 1 count steps, smaller ones are a share of the horizon (rounded down). */
export const stepsOf = (amount: Tensor, horizon: Tensor): Tensor =>
  // The addend heals products such as 0.29 * 100 = 28.999999999999996.
  where(amount.lt(1), amount.mul(horizon).add(1e-9).floor(), amount);
