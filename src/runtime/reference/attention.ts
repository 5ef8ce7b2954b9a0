import { type NdArray, type Rules, zeros } from './array.ts';

// Causal attention head by head, query by query.

/** The weights of one query over the keys at or before it: a softmax. */
function weightsOf(scores: readonly number[]): number[] {
  const top = Math.max(...scores);
  const powers = scores.map((score) => Math.exp(score - top));
  const sum = powers.reduce((total, power) => total + power, 0);
  return powers.map((power) => power / sum);
}

/** A head of one sequence: its numbers by step and feature. `part` is 0 for queries, 1 for keys, 2 for values. */
interface Head {
  readonly steps: number;
  readonly size: number;
  /** Where a number of q, k or v lies. */
  readonly at: (part: number, step: number, feature: number) => number;
  /** Where a number of what the head takes of its values lies. */
  readonly mixedAt: (step: number, feature: number) => number;
  /** Row by row, of the weights. */
  readonly weights: readonly (readonly number[])[];
}

function headsOf({ shape, data }: NdArray, heads: number): Head[] {
  const [steps, columns] = shape.slice(-2);
  const width = columns / 3;
  const size = width / heads;
  const sequences = data.length / (steps * columns);
  return Array.from({ length: sequences * heads }, (_, i): Head => {
    const [sequence, head] = [Math.floor(i / heads), i % heads];
    const row = (step: number): number => sequence * steps + step;
    const at = (part: number, step: number, j: number) => row(step) * columns + part * width + head * size + j;
    const dot = (query: number, key: number): number => {
      let sum = 0;
      for (let j = 0; j < size; j++) sum += data[at(0, query, j)] * data[at(1, key, j)];
      return sum;
    };
    const weights = Array.from({ length: steps }, (_, t) =>
      weightsOf(Array.from({ length: t + 1 }, (_, s) => dot(t, s) / Math.sqrt(size))),
    );
    return { steps, size, at, mixedAt: (step, j) => row(step) * width + head * size + j, weights };
  });
}

export const attention: Rules<'causalAttention' | 'causalAttentionBackward'> = {
  causalAttention: ([qkv], { heads }, node) => {
    const result = zeros(node);
    for (const { size, at, mixedAt, weights } of headsOf(qkv, heads)) {
      weights.forEach((row, t) => {
        row.forEach((weight, s) => {
          for (let j = 0; j < size; j++) result.data[mixedAt(t, j)] += weight * qkv.data[at(2, s, j)];
        });
      });
    }
    return result;
  },

  causalAttentionBackward: ([qkv, dy], { heads }, node) => {
    const result = zeros(node);
    const add = (at: number, amount: number): void => {
      result.data[at] += amount;
    };
    for (const { size, at, mixedAt, weights } of headsOf(qkv, heads)) {
      weights.forEach((row, t) => {
        const ofWeights = row.map((_, s) => {
          let sum = 0;
          for (let j = 0; j < size; j++) sum += dy.data[mixedAt(t, j)] * qkv.data[at(2, s, j)];
          return sum;
        });
        const mean = row.reduce((sum, weight, s) => sum + weight * ofWeights[s], 0);
        row.forEach((weight, s) => {
          const ofScore = (weight * (ofWeights[s] - mean)) / Math.sqrt(size);
          for (let j = 0; j < size; j++) {
            add(at(0, t, j), ofScore * qkv.data[at(1, s, j)]);
            add(at(1, s, j), ofScore * qkv.data[at(0, t, j)]);
            add(at(2, s, j), weight * dy.data[mixedAt(t, j)]);
          }
        });
      });
    }
    return result;
  },
};
