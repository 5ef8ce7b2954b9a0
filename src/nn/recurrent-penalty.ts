import { TensorError } from '../tensor/error.ts';
import { stack, where } from '../tensor/functions.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { gradients } from '../tensor/transforms.ts';

/**
 * dE/dx_k for each state of an unrolled recurrent network, by back-propagation through time: the total derivative, as every later state
 * follows from x_k. K states [...] of which the loss (a scalar) was made -> [K, ...]. They are constants of what is made of them.
 */
export const errorSignals = (loss: Tensor, states: readonly Tensor[]): Tensor =>
  stack(gradients(loss, states)).stopGradient();

/** Euclidean norm over the last axis, with derivative 0 where it is 0. */
function normOf(x: Tensor): Tensor {
  const square = x.square().sum(-1);
  const none = square.eq(0);
  return where(none, 0, where(none, 1, square).sqrt());
}

/**
 * How much longer an error signal is after one step back in time: r_k = |v_k| / |d_{k+1}|, v_k = s'(x_k) .* (W' d_{k+1}). 1 where either norm is 0.
 * `weight` [hidden, hidden], `slopes` s'(x_k) and `signals` d_{k+1}, both [K, ..., hidden] -> [K, ...].
 */
export function signalRatios(weight: Tensor, slopes: Tensor, signals: Tensor): Tensor {
  const hidden = signals.shape[signals.rank - 1];
  if (weight.rank !== 2 || weight.shape.some((size) => size !== hidden)) {
    throw new TensorError('signalRatios', `takes a square matrix of the signals' size ${hidden}, not ${weight}`);
  }
  const rows = signals.stopGradient();
  const back = rows
    .reshape([rows.size / hidden, hidden])
    .matmul(weight)
    .reshape(rows.shape);
  const [before, after] = [normOf(rows), normOf(slopes.stopGradient().mul(back))];
  const known = before.gt(0).and(after.gt(0));
  return where(known, after.div(where(known, before, 1)), 1);
}

/**
 * Omega, the penalty on vanishing gradients of a recurrent network x_{k+1} = W s(x_k) + W_in u + b: error signals should keep their length as
 * they go back in time. Pascanu, Mikolov & Bengio 2013, arXiv:1211.5063, eq. 9 and 10.
 *
 *   Omega = sum_k (r_k - 1)^2,   dOmega_k / dW = 2 (r_k - 1) / (|d_{k+1}| |v_k|) d_{k+1} (s'(x_k) .* v_k)'
 *
 * The mean over examples, which are any axes between time and hidden units. Only the immediate dependence on W has a derivative, as in the paper:
 * states and signals are constants. Add alpha Omega to the loss (alpha of order 1; 1 to 4 is from memory) and clip the gradient at 1. Steps
 * with a norm of 0 are skipped.
 */
export function vanishingGradientPenalty(weight: Tensor, slopes: Tensor, signals: Tensor): Tensor {
  const strays = signalRatios(weight, slopes, signals).sub(1).square();
  return strays.sum().div(strays.size / strays.shape[0]);
}
