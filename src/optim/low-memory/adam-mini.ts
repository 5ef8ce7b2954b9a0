import { type Leaf, zerosLike } from '../../tensor/bundle.ts';
import { zeros } from '../../tensor/functions.ts';
import { choice, count, HyperError, log, logOneMinus, nonNegative, optional, positive, unit } from '../hyper.ts';
import { defineOptimizer } from '../optimizer.ts';
import { debias, ema, perTensorKeeping, rootPlus, shrink } from '../rules.ts';
import { byRow, consecutive, divideSubsets, type Subsets, subsetShape, subsetSize, subsetSums } from './subsets.ts';

interface Partition {
  readonly partition: 'row' | 'tensor';
  readonly heads: number;
  readonly embeddings: 'row' | 'element';
}

/** Queries and keys, alone or in one matrix with the values. */
const attends = /(^|[._])(q|k|wq|wk|query|key|q_proj|k_proj|qkv)[._]weight$/;

/** The blocks of one tensor, each of which has one second moment. */
function blocksOf({ name, shape, size, role }: Leaf, { partition, heads, embeddings }: Partition): Subsets {
  if (partition === 'tensor') return consecutive(size, size);
  if (role === 'bias') return consecutive(size, 1);
  if (role === 'gain' || role === 'other' || shape.length < 2) return consecutive(size, size);
  if (embeddings === 'element' && (role === 'embedding' || role === 'head')) return consecutive(size, 1);
  if (heads === 1 || !attends.test(name)) return byRow({ shape, size });
  const blocks = name.includes('qkv') ? 3 * heads : heads;
  if (shape[0] % blocks !== 0) {
    throw new HyperError(
      `adam-mini: heads is ${heads}; it must part the ${shape[0]} rows of '${name}' into ${blocks} blocks`,
    );
  }
  return consecutive(size, size / blocks);
}

/**
 * Adam-mini: Adam with one second moment for each block of parameters. Zhang et al. 2024, arXiv:2406.16793, Algorithm 1; zyushun/Adam-mini 1.1.1.
 *
 *   m <- beta1 m + (1 - beta1) g,  v_b <- beta2 v_b + (1 - beta2) mean of g^2 over block b
 *   w <- (1 - lr weightDecay) w - lr m^ / (sqrt(v^_b) + eps)      m^, v^ as in adam
 *
 * Blocks: rows of matrices (one per output neuron or token), kernels by output channel, one per attention head for query and key matrices (by
 * name; `heads` says how many; a fused qkv matrix has one for each head of queries, keys and values), single elements of biases, whole tensors
 * of norm gains and of everything else. `partition: 'tensor'` gives every tensor one. The authors' first version kept a moment for each element
 * of embedding and output layer: `embeddings: 'element'`. Biases and norm gains are not decayed.
 */
export const adamMini = defineOptimizer({
  id: 'adam-mini',
  summary: 'Adam with one second moment for each row, head or tensor',
  source: 'Zhang et al. 2024, arXiv:2406.16793, Algorithm 1; zyushun/Adam-mini 1.1.1',
  hyper: {
    lr: positive(1e-3, { tune: log(1e-4, 3e-2), doc: 'step size' }),
    beta1: unit(0.9, { tune: logOneMinus(0.8, 0.98), doc: 'decay of the first moment' }),
    beta2: unit(0.999, { doc: 'decay of the second moments' }),
    eps: nonNegative(1e-8, { doc: 'added to the root of the second moments' }),
    weightDecay: optional(nonNegative(0, { tune: log(1e-4, 1), doc: 'decoupled decay, times lr' })),
    partition: choice('row', ['row', 'tensor'], 'what has a second moment of its own'),
    heads: count(1, 'attention heads of the query and key matrices; 1 treats them as other matrices'),
    embeddings: choice('row', ['row', 'element'], 'what has one in the embedding and the output layer'),
  },
  init: (w, hyper) => ({
    m: zerosLike(w),
    v: w.layout.leaves.map((leaf) => zeros(subsetShape(blocksOf(leaf, hyper)), w.flat.dtype)),
  }),
  step({ w, state, oracle, t, hyper: { lr, beta1, beta2, eps, weightDecay, ...partition } }) {
    const g = oracle.grad(w);
    const m = ema(state.m, g, beta1);
    const [direction, v] = perTensorKeeping(
      state.v,
      ([gradient, moment], leaf, old) => {
        const blocks = blocksOf(leaf, partition);
        const mean = subsetSums(gradient.square(), blocks).div(subsetSize(blocks));
        const next = ema(old, mean, beta2);
        return [divideSubsets(moment, rootPlus(debias(next, beta2, t), eps), blocks), next];
      },
      g,
      debias(m, beta1, t),
    );
    return { w: shrink(w, weightDecay?.mul(lr)).sub(direction.mul(lr)), state: { m, v } };
  },
});
