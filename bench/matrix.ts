import { setTimeout as pause } from 'node:timers/promises';
import { PeerError, type PeerProcess } from './peer.ts';
import type { Row, WorkloadResult } from './result.ts';
import { agrees, summarize } from './statistics.ts';
import type { WorkloadPlan } from './workloads/list.ts';
import { bytesOf, flopsOf, parametersOf } from './workloads/work.ts';

/** How long to measure. */
export interface Effort {
  /** Rounds in which every peer has its turn. */
  readonly rounds: number;
  /** Milliseconds that one turn takes, about. */
  readonly turn: number;
  /** Seconds that a peer may take for the agreed steps; one that would need longer takes fewer. */
  readonly agreement: number;
  /** Seconds that a peer may take for all its turns on a workload; one that would need longer has fewer turns. */
  readonly turns: number;
  /** Seconds after which a peer that does not answer is ended. */
  readonly patience: number;
}

/** Threads of this kind of pool sleep after about this many milliseconds. */
const spinning = 10;

/** A peer on its way through a workload. */
interface Entry {
  readonly peer: PeerProcess;
  row: Omit<Row, 'agrees' | 'ratio'>;
  /** Steps of a turn; 0: its steps are too long for turns. */
  steps: number;
  turns: number;
  readonly times: number[];
}

/** Loads one workload in every peer, takes the agreed steps, then times all in turn, so that a drift of the machine meets all alike. */
export async function measure(
  plan: WorkloadPlan,
  path: string,
  peers: readonly PeerProcess[],
  effort: Effort,
  tell: (what: string) => void,
  signal: AbortSignal,
): Promise<WorkloadResult> {
  const entries: Entry[] = [];
  for (const peer of peers) {
    if (signal.aborted) break;
    tell(`${plan.id}: ${peer.spec.id} compiles`);
    entries.push(await prepare(plan, path, peer, effort));
    await rest(peer);
  }
  for (let round = 0; round < effort.rounds && !signal.aborted; round++) {
    tell(`${plan.id}: round ${round + 1} of ${effort.rounds}`);
    for (let i = 0; i < entries.length && !signal.aborted; i++)
      await turn(entries[(i + round) % entries.length], round, effort);
  }
  const rows = entries.map(({ row, times }) => (times.length > 0 ? { ...row, times: summarize(times) } : row));
  return {
    id: plan.id,
    title: plan.title,
    kind: plan.kind,
    agreedSteps: plan.agreedSteps,
    parameters: parametersOf(plan),
    flops: flopsOf(plan),
    bytes: bytesOf(plan),
    rows: compare(plan.kind, rows),
  };
}

const rest = async ({ spec }: PeerProcess): Promise<void> => {
  if (spec.spins) await pause(spinning);
};

async function prepare(plan: WorkloadPlan, path: string, peer: PeerProcess, effort: Effort): Promise<Entry> {
  const entry: Entry = {
    peer,
    row: { peer: peer.spec.id, outcome: 'measured' },
    steps: 0,
    turns: 0,
    times: [],
  };
  await attempt(entry, async () => {
    const { compile, first } = await peer.ask({ do: 'load', workload: path }, effort.patience);
    entry.row = { ...entry.row, compile, first };
    await agree(plan, entry, effort);
  });
  return entry;
}

/** The agreed steps, as far as the time goes; they also warm the peer up and tell how many steps make a turn. */
async function agree({ agreedSteps }: WorkloadPlan, entry: Entry, effort: Effort): Promise<void> {
  const run = (steps: number) => entry.peer.ask({ do: 'run', steps }, effort.patience);
  const { ms: second } = await run(1);
  let step = second;
  const left = agreedSteps - 2;
  const affordable = Math.floor((1000 * effort.agreement) / second);
  if (left > 0 && affordable > 0) {
    const steps = Math.min(left, affordable);
    step = Math.min(second, (await run(steps)).ms / steps);
  }
  if (affordable >= left) {
    const { value } = await entry.peer.ask({ do: 'check' }, effort.patience);
    // JSON has no NaN; it comes as null.
    entry.row = { ...entry.row, value: value ?? Number.NaN };
  } else {
    entry.row = {
      ...entry.row,
      note: `${agreedSteps} steps would take ${Math.round((agreedSteps * second) / 1000)} s`,
    };
  }
  entry.steps = Math.max(1, Math.round(effort.turn / step));
  entry.turns = Math.min(effort.rounds, Math.floor((1000 * effort.turns) / (entry.steps * step)));
  // Too slow for turns: its second step is all there is.
  if (entry.turns === 0) {
    entry.times.push(second);
    entry.row = { ...entry.row, note: [entry.row.note, 'timed once'].filter(Boolean).join(', ') };
  }
}

async function turn(entry: Entry, round: number, effort: Effort): Promise<void> {
  if (entry.row.outcome !== 'measured' || round >= entry.turns) return;
  await attempt(entry, async () => {
    const { ms } = await entry.peer.ask({ do: 'run', steps: entry.steps }, effort.patience);
    entry.times.push(ms / entry.steps);
  });
  await rest(entry.peer);
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

/** Completes the rows by what they are against Thalweg's, the first. */
export function compare(kind: string, rows: readonly Row[]): Row[] {
  const ours = rows.find(({ peer }) => peer === 'thalweg');
  return rows.map((row) => ({
    ...row,
    ...(row.times && ours?.times && { ratio: row.times.median / ours.times.median }),
    ...(row.value !== undefined && ours?.value !== undefined && { agrees: agrees(kind, row.value, ours.value) }),
  }));
}
