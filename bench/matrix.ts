import { availableParallelism } from 'node:os';
import { PeerError, type PeerProcess } from './peer.ts';
import type { Row, WorkloadResult } from './result.ts';
import { agrees, summarize } from './statistics.ts';
import type { WorkloadPlan } from './workloads/list.ts';
import { bytesOf, flopsOf, parametersOf } from './workloads/work.ts';
import type { Yardstick } from './yardstick.ts';

/** How long to measure. */
export interface Effort {
  /** Rounds in which every peer has its turn. */
  readonly rounds: number;
  /** Milliseconds that one turn takes, about. */
  readonly turn: number;
  /** Seconds that a peer may take up to a comparison of values. */
  readonly agreement: number;
  /** Seconds that a peer may take for all its turns on a workload; one that would need longer has fewer turns. */
  readonly turns: number;
  /** Seconds after which a peer that does not answer is ended. */
  readonly patience: number;
  /** Values are compared after a few steps alone, and peers load several at a time: what they took to compile says nothing then. */
  readonly quick: boolean;
}

/** Steps that a peer can take even where one takes seconds; values are compared after these, and again after the agreed ones. */
const few = 3;

/** A peer on its way through a workload. */
interface Entry {
  readonly peer: PeerProcess;
  row: Omit<Row, 'agrees' | 'ratio'>;
  /** Steps of a turn. */
  steps: number;
  turns: number;
  readonly times: number[];
}

/**
 * Loads one workload in every peer, takes the agreed steps, then times all in turn, so that a drift of the machine meets all alike; where
 * products of matrices are most of the work, the yardsticks too.
 */
export async function measure(
  plan: WorkloadPlan,
  path: string,
  peers: readonly PeerProcess[],
  effort: Effort,
  tell: (what: string) => void,
  signal: AbortSignal,
  yardsticks: readonly Yardstick[] = [],
): Promise<WorkloadResult> {
  const entries = peers.map((peer): Entry => {
    return { peer, row: { peer: peer.spec.id, outcome: 'measured' }, steps: 0, turns: 0, times: [] };
  });
  const flops = flopsOf(plan);
  const products = flops !== undefined && plan.kind !== 'matmul' ? yardsticks : [];
  await prepareAll(plan, path, entries, effort, tell, signal);
  for (let round = 0; round < effort.rounds && !signal.aborted; round++) {
    tell(`${plan.id}: round ${round + 1} of ${effort.rounds}`);
    for (let i = 0; i < entries.length && !signal.aborted; i++)
      await turn(entries[(i + round) % entries.length], round, effort);
    for (const product of products) if (!signal.aborted) await product.turn();
  }
  const rates = products.flatMap((product) => product.take() ?? []);
  const rows = entries.map(({ row, times }) => (times.length > 0 ? { ...row, times: summarize(times) } : row));
  return {
    id: plan.id,
    title: plan.title,
    kind: plan.kind,
    agreedSteps: plan.agreedSteps,
    parameters: parametersOf(plan),
    flops,
    ...(rates.length > 0 && { product: rates.reduce((best, rate) => (rate.rate > best.rate ? rate : best)) }),
    bytes: bytesOf(plan),
    rows: compare(plan.kind, rows),
  };
}

/** What a peer does before its turns: one after the other, or where times to compile are not wanted as many at a time as there are cores. */
async function prepareAll(
  plan: WorkloadPlan,
  path: string,
  entries: readonly Entry[],
  effort: Effort,
  tell: (what: string) => void,
  signal: AbortSignal,
): Promise<void> {
  const waiting = [...entries];
  const lane = async (): Promise<void> => {
    for (let entry = waiting.shift(); entry && !signal.aborted; entry = waiting.shift()) {
      tell(`${plan.id}: ${entry.peer.spec.id} compiles`);
      await attempt(entry, async () => {
        // Without our own time there is nothing to compare.
        if (entries[0].row.outcome !== 'measured')
          throw new PeerError('slow', `${entries[0].peer.spec.id} has no time`);
        await load(plan, path, entry, effort);
      });
    }
  };
  await Promise.all(Array.from({ length: effort.quick ? availableParallelism() : 1 }, lane));
  for (const entry of entries) {
    if (signal.aborted || entry.row.outcome !== 'measured') continue;
    await attempt(entry, () => agree(plan, entry, effort));
  }
}

async function load({ id }: WorkloadPlan, path: string, entry: Entry, effort: Effort): Promise<void> {
  const { peer } = entry;
  const { slowOn } = peer.spec;
  if (effort.quick && slowOn?.includes(id)) {
    throw new PeerError('slow', 'many seconds to compile or for a step: left out with --quick');
  }
  await peer.ready();
  const { compile, first } = await peer.ask({ do: 'load', workload: path }, effort.patience);
  if (!effort.quick) entry.row = { ...entry.row, compile, first };
}

/** The agreed steps, as far as the time goes; they also warm the peer up and tell how many steps make a turn. */
async function agree({ agreedSteps }: WorkloadPlan, entry: Entry, effort: Effort): Promise<void> {
  const single: number[] = [];
  let taken = 1;
  let step = Number.POSITIVE_INFINITY;
  const run = async (steps: number): Promise<void> => {
    const { ms } = await entry.peer.ask({ do: 'run', steps }, effort.patience);
    taken += steps;
    step = Math.min(step, ms / steps);
    if (steps === 1) single.push(ms);
  };
  await run(1);
  const goals = [Math.min(few, agreedSteps), ...(effort.quick ? [] : [agreedSteps])];
  const values: Record<number, number> = {};
  for (const goal of goals) {
    if ((goal - taken) * step > 1000 * effort.agreement) break;
    while (taken < goal) await run(goal <= few ? 1 : goal - taken);
    const { value } = await entry.peer.ask({ do: 'check' }, effort.patience);
    // JSON has no NaN; it comes as null.
    values[goal] = value ?? Number.NaN;
  }
  entry.row = { ...entry.row, values };
  entry.steps = Math.max(1, Math.round(effort.turn / step));
  entry.turns = Math.min(effort.rounds, Math.floor((1000 * effort.turns) / (entry.steps * step)));
  // Too slow for turns: the steps after the first are all there is.
  if (entry.turns < 2) {
    entry.turns = 0;
    entry.times.push(...single);
    const often = single.length === 1 ? 'once' : `${single.length} times`;
    entry.row = { ...entry.row, note: `timed ${often}, before the turns` };
  }
}

async function turn(entry: Entry, round: number, effort: Effort): Promise<void> {
  if (entry.row.outcome !== 'measured' || round >= entry.turns) return;
  await attempt(entry, async () => {
    const { ms } = await entry.peer.ask({ do: 'run', steps: entry.steps }, effort.patience);
    entry.times.push(ms / entry.steps);
  });
}

/** A peer that fails has a row that says why. */
async function attempt(entry: Entry, work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (!(error instanceof PeerError)) throw error;
    const [line] = error.message.split('\n');
    entry.row = { ...entry.row, outcome: error.kind, note: line };
  }
}

/** Completes the rows by what they are against Thalweg's, the first: values after the last number of steps that both took. */
export function compare(kind: string, rows: readonly Row[]): Row[] {
  const ours = rows.find(({ peer }) => peer === 'thalweg');
  return rows.map((row) => {
    const both = Object.keys(row.values ?? {}).filter((steps) => ours?.values?.[Number(steps)] !== undefined);
    const after = both.length > 0 ? Math.max(...both.map(Number)) : undefined;
    return {
      ...row,
      ...(row.times && ours?.times && { ratio: row.times.median / ours.times.median }),
      ...(after !== undefined && { after, agrees: agrees(kind, row.values?.[after], ours?.values?.[after]) }),
    };
  });
}
