import { TensorError } from '../tensor/error.ts';
import { full } from '../tensor/functions.ts';
import { dropout, type RandomStreams } from '../tensor/random.ts';
import type { Tensor } from '../tensor/tensor.ts';
import type { Model } from './model.ts';

// The regularisers of AWD-LSTM. Merity, Keskar & Socher 2017, arXiv:1708.02182; where paper and code differ, as salesforce/awd-lstm-lm has them.

/** A mask of 0 and 1 / (1 - rate), of the dtype of what it is for. */
const mask = (shape: readonly number[], { dtype }: Tensor, rate: number, random: RandomStreams): Tensor =>
  dropout(full(shape, 1, dtype), rate, random);

export interface WeightDropOptions {
  /** Names of the parameters whose entries are dropped: all that the recurrence multiplies by. Default `['weightHidden']`, of `lstm`. */
  names?: readonly string[];
  /** One value of the mask for each row (output unit, or symbol) instead of each entry. Default false. */
  rows?: boolean;
}

/**
 * Weight drop (DropConnect; Wan et al. 2013): in training entries of a model's weights are 0 with probability `rate` in [0, 1), the rest scaled by
 * 1 / (1 - rate). The mask is drawn once in a pass, so that a recurrence meets the same at every step; gradients flow through it to the weights.
 * In evaluation the model is as it was. The paper has 0.5 for the recurrence of its LSTMs.
 */
export function weightDrop(
  model: Model,
  rate: number,
  { names = ['weightHidden'], rows = false }: WeightDropOptions = {},
): Model {
  const missing = names.find((name) => !(name in model.parameters));
  if (missing !== undefined) {
    throw new TensorError(
      'weightDrop',
      `the model has no '${missing}'; it has ${Object.keys(model.parameters).join(', ')}`,
    );
  }
  return {
    ...model,
    apply(params, x, context) {
      if (!context.training || rate === 0) return model.apply(params, x, context);
      const dropped = names.map((name): [string, Tensor] => {
        const weight = params[name];
        const shape = rows ? weight.shape.map((size, axis) => (axis === 0 ? size : 1)) : weight.shape;
        return [name, weight.mul(mask(shape, weight, rate, context.random))];
      });
      return model.apply({ ...params, ...Object.fromEntries(dropped) }, x, context);
    },
  };
}

/** Embedding dropout (Gal & Ghahramani 2016, arXiv:1512.05287): whole rows, symbols, of an embedding's `weight`, once in a pass. */
export const embeddingDropout = (model: Model, rate: number): Model =>
  weightDrop(model, rate, { names: ['weight'], rows: true });

/**
 * Variational ("locked") dropout as a layer: [N, T, features] -> the same, with one mask [N, 1, features] for all T steps. Gal & Ghahramani 2016.
 * The paper has 0.4 or 0.65 on embeddings, 0.25 or 0.3 between layers, 0.4 on the output.
 */
export const lockedDropout = (rate: number): Model => ({
  parameters: {},
  buffers: {},
  apply(_, x, { training, random }) {
    if (x.rank !== 3) throw new TensorError('lockedDropout', `takes [N, T, features], not ${x}`);
    return training ? x.mul(mask([x.shape[0], 1, x.shape[2]], x, rate, random)) : x;
  },
});

/** Activation regularisation: alpha mean(h^2), of the last layer's outputs after their dropout. The paper has alpha = 2, and writes a norm. */
export const activationRegularization = (h: Tensor, alpha: number): Tensor => h.square().mean().mul(alpha);

/** Temporal activation regularisation: beta mean((h_{t+1} - h_t)^2) over [N, T, features], before dropout. The paper has beta = 1. */
export function temporalActivationRegularization(h: Tensor, beta: number): Tensor {
  const steps = h.shape[1];
  if (h.rank !== 3 || steps < 2) {
    throw new TensorError('temporalActivationRegularization', `takes [N, T, features] of at least two steps, not ${h}`);
  }
  return h
    .sliceAxis(1, 1, steps)
    .sub(h.sliceAxis(1, 0, steps - 1))
    .square()
    .mean()
    .mul(beta);
}

/**
 * Length of the next piece of text: about `base` in 95 % of cases, else about base / 2, with a standard deviation of 5, at least 5; and what the
 * learning rate of that batch is multiplied by, length / base. `uniform` is a draw from [0, 1), `normal` a standard normal one. Each length is a program
 * of its own here, so a loader should draw from few lengths.
 */
export function bpttLength(base: number, uniform: number, normal: number): { length: number; rateFactor: number } {
  const length = Math.max(5, Math.trunc((uniform < 0.95 ? base : base / 2) + 5 * normal));
  return { length, rateFactor: length / base };
}
