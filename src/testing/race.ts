import type { CompetitorPlan, Outcome, RacePlan, TaskPlan, Trial, TrialPlan } from '../lab/plan.ts';
import { getProtocol, protocolPlan } from '../lab/protocols/index.ts';
import type { TrialRunner } from '../lab/run/lane.ts';
import { log, quantile } from '../optim/hyper.ts';
import { fillRandom } from '../runtime/random.ts';

/** Races without training: plans and trials that are made up. */

export const madeUpTask = (label = 'made-up', changes: Partial<TaskPlan> = {}): TaskPlan => ({
  label,
  task: label,
  summary: 'A task <for> tests & nothing else',
  hasData: true,
  parameters: 1000,
  batchSize: 8,
  steps: 100,
  evaluations: 4,
  target: { metric: 'error', value: 0.1 },
  ...changes,
});

export const competitorPlan = (label: string, changes: Partial<CompetitorPlan> = {}): CompetitorPlan => ({
  label,
  optimizer: label,
  fixed: {},
  space: { lr: log(1e-4, 1) },
  start: { lr: 1e-3 },
  scheduled: true,
  ...changes,
});

/** Strings stand for made-up tasks and competitors of that name. */
export interface MadeUpRace extends Partial<Omit<RacePlan, 'tasks' | 'competitors'>> {
  readonly tasks?: readonly (string | TaskPlan)[];
  readonly competitors: readonly (string | CompetitorPlan)[];
}

export function madeUpPlan({ tasks = ['made-up'], competitors: given, ...changes }: MadeUpRace): RacePlan {
  const competitors = given.map((one) => (typeof one === 'string' ? competitorPlan(one) : one));
  return {
    name: 'made-up race',
    tasks: tasks.map((task) => (typeof task === 'string' ? madeUpTask(task) : task)),
    competitors,
    baseline: competitors.some(({ label }) => label === 'adamw') ? 'adamw' : null,
    protocol: protocolPlan({ kind: 'equal-budget', tuner: { kind: 'quasi-random', trials: 3 } }),
    seed: 0,
    tuneSeed: 0,
    finalSeeds: [1, 2, 3],
    schedule: { warmup: 0.05, decay: 'linear' },
    engine: 'auto',
    module: null,
    ...changes,
  };
}

/** A whole run of 100 steps on the task 'made-up'; a tuning trial is evaluated at its end only. */
export const trialPlan = (
  competitor: string,
  phase: 'tune' | 'final',
  index: number,
  lr = 0.1,
  task: TaskPlan = madeUpTask(),
): TrialPlan => ({
  id: `${task.label}/${competitor}/${phase}/${index}`,
  task: task.label,
  competitor,
  phase,
  index,
  seed: phase === 'tune' ? 0 : 1 + index,
  steps: task.steps,
  until: task.steps,
  evaluateEvery: phase === 'tune' ? task.steps : Math.max(1, Math.ceil(task.steps / task.evaluations)),
  test: phase === 'final',
  values: { lr },
});

/** Validation loss before the first step, where a plan asks for it. */
export const madeUpStart = 4;

/**
 * A run that ends with this error; its loss is three times that. Errors fall in a straight line, from `start` times the end at its first
 * evaluation. The target is met at the evaluation where the curve crosses 0.1.
 */
export function finishedOutcome(
  { until, evaluateEvery, evaluateStart, test }: TrialPlan,
  error: number,
  { target = 0.1, start }: { readonly target?: number; readonly start?: number } = {},
): Outcome {
  const count = Math.max(1, Math.floor(until / evaluateEvery));
  const slope = start === undefined ? 0.5 : (start - 1) / Math.max(1, count - 1);
  const validation = Array.from({ length: count }, (_, i) => {
    const now = error * (1 + slope * (count - 1 - i));
    return { step: (i + 1) * evaluateEvery, seconds: (i + 1) / 10, loss: 3 * now, metrics: { error: now } };
  });
  const reached = validation.find(({ metrics }) => metrics.error <= target);
  return {
    status: 'finished',
    steps: until,
    seconds: count / 10,
    trainLoss: [{ step: 1, loss: 2 }],
    validation,
    ...(evaluateStart && { start: { step: 0, seconds: 0, loss: madeUpStart, metrics: { error: 0.9 } } }),
    ...(test && { test: { step: until, seconds: count / 10, loss: 3.3 * error, metrics: { error: 1.1 * error } } }),
    ...(reached && { targetReached: { step: reached.step, seconds: reached.seconds } }),
    cost: {
      calls: { loss: 0, gradient: until, hessianVector: 0, perExample: 0 },
      stateBytesPerParameter: 8,
      millisecondsPerStep: 1,
      compileSeconds: 0,
    },
    wallSeconds: 0.5,
    peakBytes: 1e8,
  };
}

export function divergedOutcome(plan: TrialPlan): Outcome {
  const { test: _, ...outcome } = finishedOutcome(plan, 0);
  // A run may look splendid up to the step where it blows up.
  return {
    ...outcome,
    status: 'diverged',
    steps: 7,
    validation: [{ step: 5, seconds: 0.1, loss: 0, metrics: { error: 0 } }],
  };
}

/** How a made-up run ends: with this error, or not at all. */
export type MadeUpEnd = number | 'diverged';

const outcomeOf = (plan: TrialPlan, end: MadeUpEnd, target?: number): Outcome =>
  end === 'diverged' ? divergedOutcome(plan) : finishedOutcome(plan, end, { target });

/** Final runs of one competitor on seeds 1, 2, ... */
export const finalTrials = (competitor: string, ends: readonly MadeUpEnd[], task = madeUpTask()): Trial[] =>
  ends.map((end, index) => {
    const plan = trialPlan(competitor, 'final', index, 0.1, task);
    return { plan, outcome: outcomeOf(plan, end, task.target.value) };
  });

/** Tuning trials of one competitor, at learning rates spread over its range. */
export const tuneTrials = (competitor: string, ends: readonly MadeUpEnd[], task = madeUpTask()): Trial[] =>
  ends.map((end, index) => {
    const plan = trialPlan(competitor, 'tune', index, 1e-3 * 10 ** (index / 4), task);
    return { plan, outcome: outcomeOf(plan, end, task.target.value) };
  });

/** Ends by task and competitor, one for each final seed. */
export type MadeUpEnds = Readonly<Record<string, Readonly<Record<string, readonly MadeUpEnd[]>>>>;

/**
 * All trials of a race: final runs with these ends (default: random ones, the same at every call), and before them tuning trials over
 * the tuned ranges, whose errors grow from the mean of the final ends with the distance from the middle of the first range.
 */
export function madeUpTrials(race: RacePlan, ends: MadeUpEnds = randomEnds(race), tuning = 3): Trial[] {
  return race.tasks.flatMap((task) =>
    race.competitors.flatMap((competitor) => {
      const own = ends[task.label]?.[competitor.label] ?? [];
      const finished = own.filter((end) => end !== 'diverged');
      const center = finished.length === 0 ? 1 : finished.reduce((sum, x) => sum + x, 0) / finished.length;
      const names = Object.keys(competitor.space);
      const tune = Array.from({ length: tuning }, (_, index): Trial => {
        // Multiples of irrational numbers fill the cube evenly (Weyl 1916).
        const point = names.map((_, j) => ((index + 0.5) * Math.sqrt(5 + 3 * j)) % 1);
        const values = Object.fromEntries(names.map((name, j) => [name, quantile(competitor.space[name], point[j])]));
        const base = trialPlan(competitor.label, 'tune', index, 0.1, task);
        const plan = { ...base, seed: race.tuneSeed, values };
        const away = point.length === 0 ? 0 : (point[0] - 0.5) ** 2;
        return {
          plan,
          outcome: outcomeOf(plan, away > 0.23 ? 'diverged' : center * (1 + 4 * away), task.target.value),
        };
      });
      const best = tune.reduce((a, b) => (endError(a) <= endError(b) ? a : b), tune[0]);
      const final = own.map((end, index): Trial => {
        const base = trialPlan(competitor.label, 'final', index, 0.1, task);
        const plan = { ...base, seed: race.finalSeeds[index], values: best?.plan.values ?? competitor.start };
        return { plan, outcome: outcomeOf(plan, end, task.target.value) };
      });
      return [...tune, ...final];
    }),
  );
}

const endError = ({ outcome }: Trial): number =>
  outcome.status === 'finished'
    ? outcome.validation[outcome.validation.length - 1].metrics.error
    : Number.POSITIVE_INFINITY;

/** Each competitor is better than the next by a few percent; seeds shift all of them alike, and each by a little of its own. */
export function randomEnds({ tasks, competitors, finalSeeds, seed }: RacePlan): MadeUpEnds {
  return Object.fromEntries(
    tasks.map((task, w) => [
      task.label,
      Object.fromEntries(
        competitors.map(({ label }, c) => {
          const shared = noise(finalSeeds.length, seed, `shared/${w}`, 0);
          const own = noise(finalSeeds.length, seed, `own/${w}`, c);
          return [label, finalSeeds.map((_, i) => 0.08 * (1 + 0.04 * c + 0.03 * shared[i] + 0.01 * own[i]))];
        }),
      ),
    ]),
  );
}

function noise(count: number, seed: number, stream: string, step: number): Float64Array {
  const numbers = new Float64Array(count);
  fillRandom(numbers, 'normal', { seed, stream: `made-up/${stream}`, step });
  return numbers;
}

/** Lanes that answer with made-up outcomes, one job after another, each after a turn of the event loop. */
export const fakeRunner = (
  answer: (plan: TrialPlan, signal: AbortSignal) => Outcome | Promise<Outcome>,
  lanes = 1,
): TrialRunner => ({
  prepare: async () => {},
  lanes: Array.from({ length: lanes }, () => ({
    run: async (job: readonly TrialPlan[], _: unknown, signal: AbortSignal) => {
      await new Promise((resolve) => setImmediate(resolve));
      return Promise.all(job.map((plan) => answer(plan, signal)));
    },
  })),
  close: async () => {},
});

/** Runs a race to its end without training: asks its protocol, answers with made-up outcomes, and asks again until nothing is left. */
export function playRace(race: RacePlan, answer: (plan: TrialPlan) => Outcome): Map<string, Trial> {
  const { kind, options } = race.protocol;
  const protocol = getProtocol(kind);
  const ended = new Map<string, Trial>();
  for (;;) {
    const next = protocol.plan(race, options, ended).filter(({ id }) => !ended.has(id));
    if (next.length === 0) return ended;
    for (const plan of next) ended.set(plan.id, { plan, outcome: answer(plan) });
  }
}
