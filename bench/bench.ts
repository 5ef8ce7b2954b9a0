import { loadavg } from 'node:os';
import { describeMachine } from '../src/lab/machine.ts';
import { measureMemory, measureSteady, measureSweep } from './extras/index.ts';
import { type Effort, measure } from './matrix.ts';
import { PeerError, PeerProcess, type PeerSpec } from './peer.ts';
import { oneThread } from './peers/list.ts';
import type { BenchResult, MemoryRow, Rate, Rates, SteadyRow, SweepRow, WorkloadResult } from './result.ts';
import { judge } from './targets.ts';
import { workloads as allWorkloads, type WorkloadPlan } from './workloads/list.ts';
import { flopsOf } from './workloads/work.ts';
import { writeWorkloads } from './workloads/write.ts';
import { Yardstick } from './yardstick.ts';

export interface BenchOptions {
  readonly quick: boolean;
  readonly plans: readonly WorkloadPlan[];
  /** Thalweg first. */
  readonly peers: readonly PeerSpec[];
  /** How to repeat the run. */
  readonly command: string;
  /** Seconds after which no further workload is begun. */
  readonly limit: number;
  /** What is to be known beforehand. */
  readonly notes: readonly string[];
  /** Ends the run; what was measured is answered. */
  readonly signal: AbortSignal;
}

/** Told as the run goes on. */
export interface Listener {
  progress(what: string): void;
  measured(workload: WorkloadResult, peers: BenchResult['peers'], rates: Rates): void;
}

const thorough: Effort = { rounds: 9, turn: 200, agreement: 25, turns: 6, patience: 40, quick: false };
const hasty: Effort = { rounds: 3, turn: 20, agreement: 0.8, turns: 0.4, patience: 8, quick: true };

/** The whole run. The workloads are written to `folder`. */
export async function runBench(options: BenchOptions, folder: string, listener: Listener): Promise<BenchResult> {
  const { quick, signal } = options;
  const began = performance.now();
  const seconds = (): number => (performance.now() - began) / 1000;
  const effort = quick ? hasty : thorough;
  const [load] = loadavg();
  const { versions, ...machine } = describeMachine();
  const notes = [...options.notes, ...busyNotes(load, machine.cores)];
  const open = new Set<PeerProcess>();
  const yardsticks: Yardstick[] = [];
  const start = (spec: PeerSpec): PeerProcess => {
    const peer = new PeerProcess(spec);
    open.add(peer);
    return peer;
  };
  const endAll = (): void => {
    for (const peer of [...open, ...yardsticks]) peer.end();
  };
  signal.addEventListener('abort', endAll);

  const product = largestProduct(quick);
  const paths = writeWorkloads(folder, needed(options.plans, product));
  const pathOf = (id: string): string => paths.get(id) as string;
  const candidates = [...options.peers, oneThread].map(start);
  const found = new Map<string, string>();
  listener.progress('peers start');
  // Nothing is timed yet: all at once.
  await Promise.all(
    candidates.map(async (peer) => {
      try {
        const { name } = await peer.ask({ do: 'name' }, 120);
        found.set(peer.spec.id, name);
      } catch (error) {
        if (!(error instanceof PeerError)) throw error;
        notes.push(`${peer.spec.id} does not take part: ${error.message.split('\n')[0]}`);
      }
    }),
  );
  const ready = candidates.filter(({ spec }) => found.has(spec.id));
  for (const { spec } of ready) {
    if (spec.id === 'thalweg' || spec.id === 'numpy') yardsticks.push(new Yardstick(spec, product, pathOf(product.id)));
  }
  const peers = Object.fromEntries(ready.map(({ spec }) => [spec.id, found.get(spec.id) as string]));

  const results: WorkloadResult[] = [];
  const leftOut: string[] = [];
  // Should the time not do for all, then for what the machine can do and the small ones at least.
  const effortOf = (plan: WorkloadPlan): number => (plan.kind === 'matmul' ? 0 : (flopsOf(plan) ?? 0));
  const inTurn = quick ? options.plans.toSorted((a, b) => effortOf(a) - effortOf(b)) : options.plans;
  for (const plan of inTurn) {
    if (signal.aborted) break;
    if (seconds() > options.limit) {
      leftOut.push(plan.id);
      continue;
    }
    const takingPart = ready.filter(({ spec }) => spec !== oneThread || plan.id === 'update-adamw-1e6');
    const result = await measure(plan, pathOf(plan.id), takingPart, effort, listener.progress, signal, yardsticks);
    results.push(result);
    listener.measured(result, peers, ratesOf(results));
  }
  if (leftOut.length > 0) notes.push(`Left out after ${options.limit} seconds: ${leftOut.join(', ')}.`);
  endAll();

  let memory: MemoryRow[] = [];
  let sweep: SweepRow[] = [];
  let steady: SteadyRow[] = [];
  const extras = { quick, signal, pathOf, progress: listener.progress };
  const attempt = async <T>(what: string, work: () => Promise<T[]>): Promise<T[]> => {
    if (signal.aborted) return [];
    try {
      return await work();
    } catch (error) {
      notes.push(`${what}: ${(error as Error).message}`);
      return [];
    }
  };
  if (hasAll(options.plans, ['mlp-tiny'])) {
    sweep = await attempt('sweep', () => measureSweep(extras));
    steady = await attempt('steady', () => measureSteady(extras));
  }
  memory = await measureMemory({ ...extras, plans: options.plans, specs: options.peers, start });
  endAll();

  const rates = ratesOf(results);
  return {
    date: new Date().toISOString(),
    command: options.command,
    quick,
    interrupted: signal.aborted,
    seconds: seconds(),
    machine: { cpu: machine.cpu, cores: machine.cores, memoryGiB: machine.memoryGiB, load },
    versions,
    peers,
    rates,
    workloads: options.plans.flatMap(({ id }) => results.filter((result) => result.id === id)),
    memory,
    sweep,
    steady,
    targets: judge({ rates, workloads: results, sweep, steady }),
    notes,
  };
}

/** Before the run nothing of ours ran: what load there is belongs to others. */
export const busyNotes = (load: number, cores: number): string[] =>
  load < cores / 4
    ? []
    : [
        `Other work ran on this machine: load ${load.toFixed(1)} on ${cores} cores when the run began. Times are upper bounds: what is bound to a number may miss its target for that alone. Peers whose threads wait for each other, as PyTorch's do, suffer most, so ratios to them flatter Thalweg.`,
      ];

const hasAll = (plans: readonly WorkloadPlan[], ids: readonly string[]): boolean =>
  ids.every((id) => plans.some((plan) => plan.id === id));

/** What shares of the machine's rate refer to. */
const largestProduct = (quick: boolean): WorkloadPlan =>
  allWorkloads.find(({ id }) => id === (quick ? 'matmul-1024' : 'matmul-2048')) as WorkloadPlan;

/** The extras take some workloads of their own, shares of the machine's rate another. */
const needed = (plans: readonly WorkloadPlan[], product: WorkloadPlan): WorkloadPlan[] => {
  const extra = [product.id, ...(hasAll(plans, ['mlp-tiny']) ? ['mlp-784'] : [])];
  return allWorkloads.filter((plan) => plans.includes(plan) || extra.includes(plan.id));
};

/** In the best turn of each peer. */
export function ratesOf(results: readonly WorkloadResult[]): Rates {
  const fastest = (kind: string, peers?: readonly string[]): Rate | undefined => {
    const rates = results
      .filter((result) => result.kind === kind)
      .flatMap(({ rows, flops, bytes }) =>
        rows.flatMap(({ peer, times, agrees }) =>
          times && agrees && (peers?.includes(peer) ?? true)
            ? [{ peer, rate: (flops ?? bytes ?? 0) / times.min / 1e6 }]
            : [],
        ),
      );
    return rates.sort((a, b) => b.rate - a.rate)[0];
  };
  return { gflops: fastest('matmul', ['thalweg', 'numpy']), fastest: fastest('matmul'), copy: fastest('copy') };
}
