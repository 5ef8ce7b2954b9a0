import { Bundle, type BundleOperand, type Leaf, perTensor } from '../tensor/bundle.ts';
import { where } from '../tensor/functions.ts';
import type { RandomStreams } from '../tensor/random.ts';
import type { Tensor } from '../tensor/tensor.ts';

/** Exponential moving average: decay * average + (1 - decay) * value. */
export function ema(average: Bundle, value: BundleOperand, decay: Tensor): Bundle;
export function ema(average: Tensor, value: Tensor, decay: Tensor): Tensor;
export function ema(average: Bundle | Tensor, value: BundleOperand, decay: Tensor): Bundle | Tensor {
  const fresh = value instanceof Bundle ? value.mul(oneMinus(decay)) : oneMinus(decay).mul(value);
  return average instanceof Bundle ? average.mul(decay).add(fresh) : average.mul(decay).add(fresh as Tensor);
}

/** Removes the bias of a moving average that began at zero, after t steps (Kingma & Ba 2015, section 3). */
export function debias(average: Bundle, decay: Tensor, t: Tensor): Bundle;
export function debias(average: Tensor, decay: Tensor, t: Tensor): Tensor;
export function debias(average: Bundle | Tensor, decay: Tensor, t: Tensor): Bundle | Tensor {
  return average.div(oneMinus(decay.pow(t)));
}

/** sqrt(1 - beta2^t) / (1 - beta1^t), the correction of both of Adam's moments as one factor of the step size. */
export const biasFactor = (beta1: Tensor, beta2: Tensor, t: Tensor): Tensor =>
  debias(oneMinus(beta2.pow(t)).sqrt(), beta1, t);

/** 1 - x. */
export const oneMinus = (x: Tensor): Tensor => x.neg().add(1);

/** w where weight decay applies, 0 at biases and norm gains, which common practice leaves undecayed. */
export function decayed(w: Bundle): Bundle {
  const spared = (role: string) => role === 'bias' || role === 'gain';
  const { leaves } = w.layout;
  if (!leaves.some(({ role }) => spared(role))) return w;
  return w.mul(w.perLeaf(({ role }) => (spared(role) ? 0 : 1)));
}

/** g + weightDecay w where decay applies: L2 regularisation in a gradient, decoupled decay in a direction; g itself where it is switched off. */
export const l2 = (g: Bundle, w: Bundle, weightDecay: Tensor | undefined): Bundle =>
  weightDecay ? g.add(decayed(w).mul(weightDecay)) : g;

/** Decoupled weight decay: (1 - rate) w where decay applies; w itself where it is switched off. */
export const shrink = (w: Bundle, rate: Bundle | Tensor | undefined): Bundle =>
  rate ? w.sub(decayed(w).mul(rate)) : w;

/** Decay by the exact minimum of (rate / 2) |w|^2 near w: w / (1 + rate) where decay applies, of which `shrink` is the first order. */
export const shrinkProximally = (w: Bundle, rate: Tensor | undefined): Bundle => shrink(w, rate?.div(rate.add(1)));

/** An amount of steps: numbers from 1 count steps, smaller ones are a share of the horizon (rounded down). */
export const stepsOf = (amount: Tensor, horizon: Tensor): Tensor =>
  // The addend heals products such as 0.29 * 100 = 28.999999999999996.
  where(amount.lt(1), amount.mul(horizon).add(1e-9).floor(), amount);

/** a / b, and 0 where b is 0: the convention 0 / 0 = 0 of rules that divide by a root of squared gradients with eps = 0. */
export const quotient = (a: Bundle, b: Bundle): Bundle => a.map((x) => where(b.flat.eq(0), 0, x.div(b.flat)));

/**
 * The eps of a denominator sqrt(v) + eps, never 0: with eps = 0 such a rule then has 0 / 0 = 0, and no root above 1e-21 changes. A scalar, so
 * it is free where `quotient` costs a comparison and a choice for each element (14 % of Adam's fused update).
 */
export const nonZero = (eps: Tensor): Tensor => eps.maximum(1e-37);

/** Where eps stands is a fork of many rules: sqrt(v) + eps, or sqrt(v + eps). Never 0. */
export function rootPlus(v: Bundle, eps: Tensor, insideRoot?: boolean): Bundle;
export function rootPlus(v: Tensor, eps: Tensor, insideRoot?: boolean): Tensor;
export function rootPlus(v: Bundle | Tensor, eps: Tensor, insideRoot = false): Bundle | Tensor {
  return insideRoot ? v.add(nonZero(eps)).sqrt() : v.sqrt().add(nonZero(eps));
}

/**
 * The denominator of Adam and its relatives: sqrt(v / (1 - beta2^t)) + eps; with epsHat (sqrt(v) + eps) / sqrt(1 - beta2^t), the
 * "efficient" form of Kingma & Ba, where eps counts for more in the first steps. Never 0.
 */
export const adamRoot = (v: Bundle, beta2: Tensor, t: Tensor, eps: Tensor, epsHat = false): Bundle =>
  epsHat ? rootPlus(v, eps).div(oneMinus(beta2.pow(t)).sqrt()) : rootPlus(debias(v, beta2, t), eps);

/**
 * `perTensor` for a rule with a state of its own for each tensor: it sees what was kept and gives its result and what to keep now. Results take
 * the shape of their parameter, so that a rule may see it as a matrix or a vector.
 */
export function perTensorKeeping<K>(
  kept: readonly K[],
  rule: (tensors: readonly Tensor[], leaf: Leaf, kept: K) => readonly [result: Tensor, keep: K],
  ...bundles: readonly Bundle[]
): [result: Bundle, keep: K[]] {
  const keep: K[] = [];
  const result = perTensor(
    (tensors, leaf) => {
      const [tensor, next] = rule(tensors, leaf, kept[keep.length]);
      keep.push(next);
      return tensor.reshape(leaf.shape);
    },
    ...bundles,
  );
  return [result, keep];
}

/** sign(square - v) square, what Yogi and its relatives move v by: by comparison, as infinities (overflown squares) have no difference. */
export const signedSquare = (square: Bundle, v: Bundle): Bundle =>
  square.map((s) => where(s.gt(v.flat), s, where(s.lt(v.flat), s.neg(), 0)));

/** Standard normal numbers in the form of w. */
export const normalLike = (w: Bundle, random: RandomStreams): Bundle =>
  w.map(({ shape, dtype }) => random.normal(shape, dtype));

/** 1 or -1, each as likely, in the form of w. */
export const rademacherLike = (w: Bundle, random: RandomStreams): Bundle =>
  w.map(({ shape, dtype }) => random.rademacher(shape, dtype));
