import { spawn } from 'node:child_process';
import { join } from 'node:path';
import type { PeerProcess, PeerSpec } from '../peer.ts';
import type { MemoryRow, SteadyRow, SweepRow } from '../result.ts';
import type { WorkloadPlan } from '../workloads/list.ts';
import { memoryOf } from './memory.ts';

// What is measured beside the matrix, each in processes of its own.

interface Extras {
  readonly quick: boolean;
  readonly signal: AbortSignal;
  pathOf(id: string): string;
  progress(what: string): void;
}

/** Runs a script of this folder; answers the JSON that it prints. */
async function script<T>(
  name: string,
  args: readonly string[],
  flags: readonly string[],
  signal: AbortSignal,
): Promise<T> {
  const file = join(import.meta.dirname, name);
  const child = spawn(process.execPath, ['--conditions=thalweg-source', '--no-warnings', ...flags, file, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    signal,
    killSignal: 'SIGKILL',
  });
  let [out, said] = ['', ''];
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    out += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    said += text;
  });
  const code = await new Promise<number | null>((resolve) => {
    child.once('error', () => resolve(null));
    child.once('close', resolve);
  });
  if (code !== 0) throw new Error(said.split('\n').find((line) => /Error/.test(line)) ?? `${name} was ended`);
  return JSON.parse(out) as T;
}

/** Trials per second. */
export async function measureSweep({ quick, signal, pathOf, progress }: Extras): Promise<SweepRow[]> {
  progress('sweep of learning rates');
  return script<SweepRow[]>('sweep.ts', [pathOf('mlp-tiny'), quick ? '3' : '15'], [], signal);
}

const steadyFlags = ['--expose-gc', '--min-semi-space-size=64', '--max-semi-space-size=64'];

export async function measureSteady({ quick, signal, pathOf, progress }: Extras): Promise<SteadyRow[]> {
  const rows: SteadyRow[] = [];
  for (const id of quick ? ['mlp-tiny'] : ['mlp-tiny', 'mlp-784']) {
    if (signal.aborted) break;
    progress(`${id}: memory over 10000 steps`);
    rows.push(await script<SteadyRow>('steady.ts', [pathOf(id), '10000'], steadyFlags, signal));
  }
  return rows;
}

/** A fresh process for each workload and peer; in a quick run for Thalweg on one workload. */
export async function measureMemory({
  quick,
  signal,
  pathOf,
  progress,
  plans,
  specs,
  start,
}: Extras & {
  readonly plans: readonly WorkloadPlan[];
  readonly specs: readonly PeerSpec[];
  start(spec: PeerSpec): PeerProcess;
}): Promise<MemoryRow[]> {
  const ids = quick ? ['mlp-784'] : ['mlp-784', 'gpt', 'update-adamw-3e7'];
  const rows: MemoryRow[] = [];
  for (const id of ids.filter((wanted) => plans.some((plan) => plan.id === wanted))) {
    for (const spec of quick ? specs.slice(0, 1) : specs) {
      if (signal.aborted) return rows;
      progress(`${id}: memory of ${spec.id}`);
      const row = await memoryOf(start(spec), id, pathOf(id), quick ? 10 : 40);
      if (row) rows.push(row);
    }
  }
  return rows;
}
