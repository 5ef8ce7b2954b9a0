import { TensorError } from '../tensor/error.ts';
import { type InitRule, normal } from './init.ts';
import type { Model } from './model.ts';

export interface EmbeddingOptions {
  /** Default N(0, 1), as in PyTorch. */
  init?: InitRule;
}

/** A learned vector for each symbol: int32 [...] -> [..., width]. Parameter: `weight` [vocabulary, width]. */
export function embedding(vocabulary: number, width: number, { init = normal() }: EmbeddingOptions = {}): Model {
  return {
    parameters: {
      weight: { shape: [vocabulary, width], role: 'embedding', init: init({ in: vocabulary, out: width }) },
    },
    buffers: {},
    apply: (params, x) => params.weight.gather(x),
  };
}

/** Adds a learned vector for each position: [N, T, width] -> the same, T at most `length`. Parameter: `weight` [length, width]. */
export function learnedPositions(length: number, width: number, { init = normal() }: EmbeddingOptions = {}): Model {
  return {
    parameters: { weight: { shape: [length, width], role: 'embedding', init: init({ in: length, out: width }) } },
    buffers: {},
    apply: (params, x) => {
      const steps = x.shape[1];
      if (steps > length) throw new TensorError('learnedPositions', `${x} has more than ${length} positions`);
      return x.add(params.weight.sliceAxis(0, 0, steps));
    },
  };
}
