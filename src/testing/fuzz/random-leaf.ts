import { fillRandom } from '../../runtime/random.ts';
import { apply, type Tensor } from '../../tensor/tensor.ts';
import type { Pool } from './pool.ts';

/** A declared random input, with the numbers that the runtime would draw. */
export function random(pool: Pool): Tensor {
  const distribution = pool.dice.pick(['uniform', 'normal', 'rademacher'] as const);
  const stream = `stream${pool.leaves.size}`;
  const leaf = apply('random', [], { distribution, stream, shape: pool.shape(), dtype: pool.floatType() });
  const values = new Float32Array(leaf.size);
  fillRandom(values, distribution, { seed: pool.dice.int(0, 1e6), stream, step: 1 });
  pool.enter(leaf, values);
  return leaf;
}
