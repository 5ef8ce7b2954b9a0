import type { Times } from './statistics.ts';

/** How one peer did on one workload. */
export interface Row {
  readonly peer: string;
  /** 'slow': was not waited for. */
  readonly outcome: 'measured' | 'unsupported' | 'slow' | 'failed';
  /** Why there are no times, or what is to be known of them. */
  readonly note?: string;
  /** Milliseconds from the data in memory to a program that can run, and of the first step. */
  readonly compile?: number;
  readonly first?: number;
  readonly times?: Times;
  /** Values by the number of steps; there are none where these would have taken too long. */
  readonly values?: Readonly<Record<number, number>>;
  /** The number of steps after which the value was compared with Thalweg's, and whether it agrees. */
  readonly after?: number;
  readonly agrees?: boolean;
  /** Median time over Thalweg's. */
  readonly ratio?: number;
}

export interface WorkloadResult {
  readonly id: string;
  readonly title: string;
  readonly kind: string;
  readonly agreedSteps: number;
  /** Floating-point operations of a step that is bound by matrix products, bytes of one that is bound by memory, of the best program. */
  readonly flops?: number;
  readonly bytes?: number;
  /** GFLOP/s of the largest product by ONNX Runtime (MLAS) or NumPy (OpenBLAS), whichever is faster, in turn with the peers: the median. */
  readonly product?: Rate;
  readonly parameters: number;
  readonly rows: readonly Row[];
}

/** Memory of a process that ran one workload and nothing else, in bytes. */
export interface MemoryRow {
  readonly workload: string;
  readonly peer: string;
  readonly peak?: number;
  readonly note?: string;
}

/** One way to run the sweep of learning rates. */
export interface SweepRow {
  /** Whole trials as a user runs them, or their steps alone. */
  readonly level: 'trials' | 'steps';
  readonly way: string;
  readonly trialsPerSecond: number;
  /** Seconds of the first sweep, compilation included. */
  readonly first: number;
  /** Do its losses agree with those of one trial after another? */
  readonly agrees: boolean;
}

/** Thalweg over 10,000 steps of one workload, in a process of its own. */
export interface SteadyRow {
  readonly workload: string;
  readonly steps: number;
  /** Bytes that the process has more of after the steps than after the first tenth of them. */
  readonly growth: number;
  /** Bytes of JavaScript objects made in a step. */
  readonly allocated: number;
}

/** A rate in the best turn, and whose it is. */
export interface Rate {
  readonly rate: number;
  readonly peer: string;
}

/** What this machine can do. */
export interface Rates {
  /** GFLOP/s of the largest matrix product by ONNX Runtime (MLAS) or NumPy (OpenBLAS), whichever is faster. */
  readonly gflops?: Rate;
  /** The same by whoever is fastest: PyTorch's MKL may be faster than both. */
  readonly fastest?: Rate;
  /** GB/s of the best copy by whoever made it, with one thread or two, read and written bytes counted. */
  readonly copy?: Rate;
}

export interface Target {
  readonly claim: string;
  readonly measured: string;
  /** Null: this run did not measure it. */
  readonly met: boolean | null;
}

export interface BenchResult {
  readonly date: string;
  readonly command: string;
  readonly quick: boolean;
  readonly interrupted: boolean;
  readonly seconds: number;
  readonly machine: {
    readonly cpu: string;
    readonly cores: number;
    readonly memoryGiB: number;
    /** The load average when the run began. */
    readonly load: number;
  };
  readonly versions: Readonly<Record<string, string>>;
  /** Names of the peers by id, in the order of the tables. */
  readonly peers: Readonly<Record<string, string>>;
  readonly rates: Rates;
  readonly workloads: readonly WorkloadResult[];
  readonly memory: readonly MemoryRow[];
  readonly sweep: readonly SweepRow[];
  readonly steady: readonly SteadyRow[];
  readonly targets: readonly Target[];
  /** What was not measured, and why. */
  readonly notes: readonly string[];
}
