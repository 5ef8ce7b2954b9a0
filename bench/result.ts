import type { Times } from './statistics.ts';

/** How one peer did on one workload. */
export interface Row {
  readonly peer: string;
  readonly outcome: 'measured' | 'unsupported' | 'failed';
  /** Why there are no times, or what is to be known of them. */
  readonly note?: string;
  /** Milliseconds from the data in memory to a program that can run, and of the first step. */
  readonly compile?: number;
  readonly first?: number;
  readonly times?: Times;
  /** The value after the agreed steps; absent where these would have taken too long. */
  readonly value?: number;
  /** Does the value agree with Thalweg's? */
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
  readonly way: string;
  readonly trialsPerSecond?: number;
  readonly note?: string;
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

/** What this machine can do: the best of whoever tried. */
export interface Rates {
  /** GFLOP/s of the best matrix product. */
  readonly gflops?: number;
  /** GB/s of the best copy, read and written bytes counted. */
  readonly copy?: number;
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
