import type { Dataset } from '../data/dataset.ts';
import { fillBatch } from '../data/fill-batch.ts';
import { epochSampler, type Sampler } from '../data/sampler.ts';
import type { Buffer } from '../runtime/engine.ts';
import type { Buffers } from './buffers.ts';
import { type Seed, seedsOf } from './seed.ts';

/**
 * The independent minibatches of each step, filled into buffers named 'batch<i>.<field>'; those of several seeds lie along a first axis. A
 * pure function of seed and step.
 */
export class Minibatches {
  private readonly data: Dataset;
  private readonly streams: { samplers: readonly Sampler[]; buffers: Record<string, Buffer> }[];

  constructor(data: Dataset, { count, batchSize, seed, buffers }: Plan) {
    this.data = data;
    const shapeOf = typeof seed === 'number' ? [batchSize] : [seed.length, batchSize];
    this.streams = Array.from({ length: count }, (_, i) => ({
      samplers: seedsOf(seed).map((own) =>
        epochSampler({ size: data.size, batchSize, seed: own, stream: `batch${i}` }),
      ),
      buffers: Object.fromEntries(
        Object.entries(data.fields).map(([name, { shape, dtype }]) => [
          name,
          buffers.get(`batch${i}.${name}`, [...shapeOf, ...shape], dtype),
        ]),
      ),
    }));
  }

  /** Fills the minibatches of step t (from 1). */
  fill(t: number): void {
    for (const { samplers, buffers } of this.streams) fillBatch(this.data, indicesOf(samplers, t - 1), buffers);
  }
}

/** The examples that a step takes, seed after seed. */
function indicesOf(samplers: readonly Sampler[], step: number): ArrayLike<number> {
  if (samplers.length === 1) return samplers[0].indices(step);
  return samplers.flatMap((sampler) => [...sampler.indices(step)]);
}

interface Plan {
  readonly count: number;
  readonly batchSize: number;
  readonly seed: Seed;
  readonly buffers: Buffers;
}
