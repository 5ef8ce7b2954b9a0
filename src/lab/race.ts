import { describeMachine } from '#lab/machine';
import { openRaceFolder } from '#lab/store';
import { defaultJobs, workerPool } from '#lab/worker-pool';
import type { EngineName } from '../runtime/engine.ts';
import { createRuntime } from '../runtime/runtime.ts';
import { getTask } from '../tasks/index.ts';
import type { Task } from '../tasks/task.ts';
import { sizeOf } from '../tensor/shape.ts';
import { type Competitor, CompetitorError, type CompetitorOptions, dress, planCompetitor } from './competitor.ts';
import type { Protocol, RaceEvent, SchedulePlan, Trial, TrialPlan } from './protocol.ts';
import { TrialQueue } from './queue.ts';
import type { RaceResult } from './result.ts';
import { inProcess, type TrialRunner } from './runner.ts';
import { chooseTrial, scoreRace } from './score.ts';
import { drawSettings, type SearchMethod } from './search.ts';
import type { TrialFile } from './store.ts';
import type { Bench } from './trial.ts';

export interface RaceOptions {
  /** A registered task, or one of your own. */
  readonly task: string | Task;
  readonly competitors: readonly (string | CompetitorOptions)[];
  /** Tuning trials of each competitor. Default 12. */
  readonly trials?: number;
  /** Steps of a tuning trial. Default: as many as a final run. */
  readonly tuneSteps?: number;
  /** Steps of a final run. Default: the task's budget. */
  readonly steps?: number;
  /** Final runs of each competitor. Default 3. */
  readonly seeds?: number;
  /** Evaluations in a final run, evenly spaced. Default 20. */
  readonly evaluations?: number;
  /** Search points and run seeds follow from it. Default 0. */
  readonly seed?: number;
  readonly search?: SearchMethod;
  /** Default: 5% linear warm-up, then linear decay to zero. */
  readonly schedule?: SchedulePlan;
  /** Label of the competitor that speed-ups are measured against. Default 'adamw'. */
  readonly baseline?: string;
  readonly engine?: EngineName;
  /** Trials at once, each in a process of its own; 1 runs in this process. Default: one for each core. */
  readonly jobs?: number;
  /** Folder for the raw trials and the report; made when missing. Default: nothing is written. */
  readonly directory?: string;
  /** What to type to repeat the race; shown in the report. */
  readonly command?: string;
  /** Ends the race: running trials stop, finished ones are kept. */
  readonly signal?: AbortSignal;
  readonly onEvent?: (event: RaceEvent) => void;
  /** Where trials run, instead of in worker processes or this one. */
  readonly runner?: TrialRunner;
}

export const defaultSchedule: SchedulePlan = { warmup: 0.05, decay: 'linear' };

/** Seeds of runs: a race with seed s tunes with 1000 s and ends with 1000 s + 1, 1000 s + 2, ... */
const seedsPerRace = 1000;

/**
 * Tunes every competitor with the same number of quasi-random trials over its tuning ranges, runs the best setting of each to the end
 * on fresh seeds, and scores the ends.
 */
export async function race(options: RaceOptions): Promise<RaceResult> {
  const task = typeof options.task === 'string' ? getTask(options.task) : options.task;
  const competitors = options.competitors.map(planCompetitor);
  const planned = planRace(options, task, competitors);
  // Before anything is computed.
  const folder = options.directory === undefined ? undefined : openRaceFolder(options.directory);
  const runner = options.runner ?? chooseRunner(options, planned, task, competitors);
  const machine = describeMachine();
  const began = performance.now();
  let file: TrialFile | undefined;
  try {
    const protocol: Protocol = { ...planned, ...(await runner.prepare()) };
    file = folder?.openTrials();
    file?.begin(protocol, machine);
    const trials = await runTrials(protocol, runner, options, file);
    const status = options.signal?.aborted ? 'interrupted' : 'finished';
    file?.end(status);
    const seconds = (performance.now() - began) / 1000;
    const rows = scoreRace(protocol, trials);
    const result: RaceResult = { status, protocol, machine, trials, rows, seconds, command: options.command };
    await folder?.writeReport(result);
    return result;
  } finally {
    await runner.close();
  }
}

/** What is known before the data is loaded. */
type PlannedRace = Omit<Protocol, 'hasData'>;

/** Everything that is decided before the first trial; refuses what cannot be run. */
function planRace(options: RaceOptions, task: Task, competitors: readonly Competitor[]): PlannedRace {
  const { trials = 12, seeds = 3, seed = 0, steps = task.steps, evaluations = 20, baseline = 'adamw' } = options;
  const tuneSteps = options.tuneSteps ?? steps;
  atLeastOne({ trials, seeds, steps, tuneSteps, evaluations });
  if (!Number.isSafeInteger(seed) || seed < 0)
    throw new CompetitorError(`seed is ${seed}; it must be a whole number from 0`);
  if (seeds >= seedsPerRace) throw new CompetitorError(`seeds is ${seeds}; it must be below ${seedsPerRace}`);
  if (competitors.length === 0) throw new CompetitorError('a race needs at least one competitor');
  const labels = competitors.map(({ plan }) => plan.label);
  const twice = labels.find((label, i) => labels.indexOf(label) !== i);
  if (twice !== undefined)
    throw new CompetitorError(`'${twice}' takes part twice; give one of them a label of its own`);
  const own = typeof options.task !== 'string' || options.competitors.some(isOwn);
  return {
    task: task.id,
    taskSummary: task.summary,
    parameters: Object.values(task.parameters).reduce((sum, { shape }) => sum + sizeOf(shape), 0),
    batchSize: task.batchSize,
    target: task.target,
    competitors: competitors.map(({ plan }) => plan),
    baseline: labels.includes(baseline) ? baseline : null,
    seed,
    search: options.search ?? 'halton',
    trials,
    tuneSteps,
    tuneSeed: seed * seedsPerRace,
    steps,
    finalSeeds: Array.from({ length: seeds }, (_, i) => seed * seedsPerRace + 1 + i),
    evaluations,
    schedule: options.schedule ?? defaultSchedule,
    engine: options.engine ?? 'auto',
    jobs: options.runner?.lanes.length ?? (own ? 1 : (options.jobs ?? defaultJobs())),
  };
}

const isOwn = (competitor: string | CompetitorOptions): boolean =>
  typeof competitor !== 'string' && typeof competitor.optimizer !== 'string';

function atLeastOne(counts: Readonly<Record<string, number>>): void {
  for (const [name, value] of Object.entries(counts)) {
    if (!Number.isInteger(value) || value < 1) {
      throw new CompetitorError(`${name} is ${value}; it must be a whole number from 1`);
    }
  }
}

function chooseRunner(
  { engine }: RaceOptions,
  protocol: PlannedRace,
  task: Task,
  competitors: readonly Competitor[],
): TrialRunner {
  const { jobs, schedule } = protocol;
  if (jobs > 1) {
    const setup = { task: task.id, competitors: protocol.competitors, schedule, engine: protocol.engine };
    return workerPool({ jobs, setup });
  }
  const byLabel = new Map(competitors.map((competitor) => [competitor.plan.label, competitor]));
  const bench: Bench = {
    task,
    runtime: createRuntime({ engine, threads: 1 }),
    optimizer: ({ competitor, values }) => {
      const { plan, optimizer } = byLabel.get(competitor) as Competitor;
      return dress(optimizer.with({ ...plan.fixed, ...values }), plan, schedule);
    },
  };
  return inProcess(bench);
}

/** All tuning trials; of each competitor whose tuning is done, the final runs of its best setting. In the order they ended. */
async function runTrials(
  protocol: Protocol,
  runner: TrialRunner,
  { signal = new AbortController().signal, onEvent = () => {} }: RaceOptions,
  file: TrialFile | undefined,
): Promise<Trial[]> {
  const done: Trial[] = [];
  const queue = new TrialQueue();
  let running = 0;
  let wake: (() => void)[] = [];
  onEvent({ type: 'prepared', protocol });
  for (const { label } of protocol.competitors) queue.add(planTuning(protocol, label));

  const finish = (trial: Trial) => {
    const { competitor, phase } = trial.plan;
    if (trial.outcome.status !== 'interrupted') {
      done.push(trial);
      file?.add(trial);
    }
    onEvent({ type: 'ended', trial });
    const tuned = done.filter(({ plan }) => plan.competitor === competitor && plan.phase === 'tune');
    if (phase === 'final' || tuned.length < protocol.trials) return;
    const best = chooseTrial(tuned, protocol.target.metric);
    onEvent({ type: 'chosen', competitor, trial: best });
    if (best) queue.add(planFinals(protocol, best.plan));
  };

  const work = async (lane: number): Promise<void> => {
    while (!signal.aborted) {
      const plan = queue.take(lane);
      if (!plan) {
        if (running === 0) break;
        // The trial that runs elsewhere may be the last one of a tuning, and final runs follow it.
        await new Promise<void>((resolve) => wake.push(resolve));
        continue;
      }
      running++;
      onEvent({ type: 'started', plan });
      const report = (progress: { step: number; steps: number; loss: number }) =>
        onEvent({ type: 'progress', plan, progress });
      const outcome = await runner.lanes[lane].run(plan, report, signal);
      running--;
      finish({ plan, outcome });
      for (const resolve of wake.splice(0)) resolve();
    }
  };
  await Promise.all(runner.lanes.map((_, lane) => work(lane)));
  wake = [];
  return done;
}

function planTuning(protocol: Protocol, label: string): TrialPlan[] {
  const { trials, seed, search, tuneSteps, tuneSeed, competitors } = protocol;
  const space = competitors.find((competitor) => competitor.label === label)?.space ?? {};
  return drawSettings(space, { count: trials, seed, method: search }).map((values, index) => ({
    id: `${label}/tune/${index}`,
    competitor: label,
    phase: 'tune',
    index,
    seed: tuneSeed,
    steps: tuneSteps,
    evaluateEvery: tuneSteps,
    test: false,
    values,
  }));
}

const planFinals = (protocol: Protocol, best: TrialPlan): TrialPlan[] =>
  protocol.finalSeeds.map((seed, index) => ({
    id: `${best.competitor}/final/${index}`,
    competitor: best.competitor,
    phase: 'final',
    index,
    seed,
    steps: protocol.steps,
    evaluateEvery: Math.max(1, Math.ceil(protocol.steps / protocol.evaluations)),
    test: true,
    values: best.values,
  }));
