import type { Dataset } from '../data/dataset.ts';
import { fillBatch } from '../data/fill-batch.ts';
import { epochSampler, type Sampler } from '../data/sampler.ts';
import type { Buffer } from '../runtime/engine.ts';
import type { Buffers } from './buffers.ts';

/** The independent minibatches of each step, filled into buffers named 'batch<i>.<field>'. A pure function of seed and step. */
export class Minibatches {
  private readonly data: Dataset;
  private readonly streams: { sampler: Sampler; buffers: Record<string, Buffer> }[];

  constructor(data: Dataset, { count, batchSize, seed, buffers }: Plan) {
    this.data = data;
    this.streams = Array.from({ length: count }, (_, i) => ({
      sampler: epochSampler({ size: data.size, batchSize, seed, stream: `batch${i}` }),
      buffers: Object.fromEntries(
        Object.entries(data.fields).map(([name, { shape, dtype }]) => [
          name,
          buffers.get(`batch${i}.${name}`, [batchSize, ...shape], dtype),
        ]),
      ),
    }));
  }

  /** Fills the minibatches of step t (from 1). */
  fill(t: number): void {
    for (const { sampler, buffers } of this.streams) fillBatch(this.data, sampler.indices(t - 1), buffers);
  }
}

interface Plan {
  readonly count: number;
  readonly batchSize: number;
  readonly seed: number;
  readonly buffers: Buffers;
}
