import { median } from '../src/lab/analysis/statistics.ts';
import { PeerError, PeerProcess, type PeerSpec } from './peer.ts';
import type { Rate } from './result.ts';
import type { WorkloadPlan } from './workloads/list.ts';
import { flopsOf } from './workloads/work.ts';

/** A large product takes a fraction of a second; the library and its data may have to be loaded first. */
const patience = 60;

/**
 * The largest product of matrices by one library, timed in turn with the peers of a workload: what a host gives a virtual machine changes
 * from minute to minute, so a step's share of the machine's rate is that of the rate in the same minute.
 */
export class Yardstick {
  readonly #peer: PeerProcess;
  readonly #flops: number;
  readonly #path: string;
  #loaded = false;
  #rates: number[] = [];

  /** `product` is a workload of kind 'matmul', written to `path`. */
  constructor(spec: PeerSpec, product: WorkloadPlan, path: string) {
    this.#peer = new PeerProcess(spec);
    this.#flops = flopsOf(product) as number;
    this.#path = path;
  }

  /** One product. A library that fails has no rate. */
  async turn(): Promise<void> {
    try {
      if (!this.#loaded) {
        await this.#peer.ask({ do: 'load', workload: this.#path }, patience);
        this.#loaded = true;
      }
      const { ms } = await this.#peer.ask({ do: 'run', steps: 1 }, patience);
      this.#rates.push(this.#flops / ms / 1e6);
    } catch (error) {
      if (!(error instanceof PeerError)) throw error;
      this.#loaded = false;
    }
  }

  /** GFLOP/s, the median of the turns since the last call; null if there was none. */
  take(): Rate | null {
    const rates = this.#rates;
    this.#rates = [];
    return rates.length > 0 ? { rate: median(rates), peer: this.#peer.spec.id } : null;
  }

  end(): void {
    this.#peer.end();
  }
}
