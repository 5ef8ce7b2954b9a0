import type { Layout, Leaf } from '../../tensor/bundle.ts';
import { choice, count, log, logOneMinus, nonNegative, optional, positive, unit } from '../hyper.ts';
import { defineOptimizer } from '../optimizer.ts';
import { initActive, orders, sequenceOf, stepActive, stepOfTurn, turnOf } from './active-block.ts';

/** 'layer': tensors whose names agree up to the last dot; 'tensor': each alone. In the order of the layout. */
function blocksOf({ leaves }: Layout, blocks: 'layer' | 'tensor'): ((leaf: Leaf) => boolean)[] {
  const blockOf = ({ name }: Leaf) => (blocks === 'layer' ? name.replace(/\.[^.]*$/, '') : name);
  return [...new Set(leaves.map(blockOf))].map((block) => (leaf) => blockOf(leaf) === block);
}

/**
 * BAdam: block coordinate descent with Adam. Luo, Yu & Li 2024, arXiv:2404.02827, Algorithm 1; Ledzy/BAdam.
 *
 *   blocks take turns of `period` steps; when a turn begins m = v = 0 and k = 0;  each step: k <- k + 1, AdamW on the block with k for t
 *
 * Only the block's gradient is taken, so backpropagation ends there, and moments are kept for one block at a time: as many as the largest block
 * has elements. Blocks are layers (tensors with one prefix of their names). Order 'random' is a fixed sequence of eight shuffled sweeps, repeated.
 * Turns are `period` steps long, the first too (in the authors' code it is one shorter). Modules that are always trained: a group of their own.
 */
export const badam = defineOptimizer({
  id: 'badam',
  summary: 'Adam on one layer at a time, which alone has moments',
  source: 'Luo, Yu & Li 2024, arXiv:2404.02827, Algorithm 1',
  hyper: {
    lr: positive(1e-3, { tune: log(1e-4, 3e-2), doc: 'step size' }),
    period: count(100, "steps of one turn, K in the paper; the authors' code has 50"),
    blocks: choice('layer', ['layer', 'tensor'], 'what is trained in one turn'),
    order: choice('descending', orders, 'who follows whom: the last block first, the first, or at random'),
    beta1: unit(0.9, { tune: logOneMinus(0.8, 0.98), doc: 'decay of the first moment' }),
    beta2: unit(0.999, { doc: 'decay of the second moment' }),
    eps: nonNegative(1e-8, { doc: 'added to the root of the second moment' }),
    weightDecay: optional(nonNegative(0, { tune: log(1e-4, 1), doc: 'decoupled decay of the block, times lr' })),
  },
  init: (w, { blocks }) => initActive(w, blocksOf(w.layout, blocks)),
  step({ w, state, oracle, t, every, hyper: { period, blocks, order, weightDecay, ...rates } }) {
    const found = blocksOf(w.layout, blocks);
    const active = found[turnOf(sequenceOf(found.length, order), period, every)];
    return stepActive(w, oracle.grad(w), state, active, {
      ...rates,
      decay: weightDecay?.mul(rates.lr),
      begins: every(period),
      k: stepOfTurn(t, period),
      rest: (others) => others,
    });
  },
});
