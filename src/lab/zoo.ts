import type { Dataset, Splits } from '../data/dataset.ts';
import { thin } from '../data/split.ts';
import { getOptimizer, methods, schedules, wrappers } from '../optim/registry.ts';
import { logisticMnist, mnistMlp } from '../tasks/mnist.ts';
import type { Task } from '../tasks/task.ts';
import { median } from './analysis/statistics.ts';
import { planCompetitor } from './competitor.ts';
import { duration, number } from './format.ts';
import type { Values } from './plan.ts';
import { drawSettings } from './search/search.ts';

/**
 * The zoo: every method, wrapper and schedule of the registry trains for a short while, with settings drawn from its own tuning ranges. It asks
 * one question, does it learn, and finds broken methods and useless ranges; it ranks nothing (`race` does).
 */

/** All that fixes a result, up to the clock. A result of another protocol is not kept. */
export const zooProtocol = { steps: 200, batchSize: 64, trials: 8, seed: 0, evaluateEvery: 50, validation: 2000 };

export interface ZooTask {
  readonly id: string;
  /** What it is, for the table's heading. */
  readonly what: string;
  readonly make: () => Task;
  /** A validation loss below this is having learned. Class frequencies alone give 2.30; sgd and adamw come to 0.3. */
  readonly learned: number;
}

const onFewer = (task: Task): Task => ({
  ...task,
  data: async () => {
    const { train, validation, test } = (await task.data()) as Splits;
    const fewer = (data: Dataset) => thin(data, zooProtocol.validation);
    return { train, validation: fewer(validation), test };
  },
});

export const zooTasks: readonly ZooTask[] = [
  {
    id: 'logistic-mnist',
    what: 'Logistic regression on MNIST.',
    make: () => onFewer(logisticMnist()),
    learned: 0.45,
  },
  {
    id: 'mnist-mlp',
    what: 'A perceptron 784-32-10 on MNIST.',
    make: () => onFewer(mnistMlp({ hidden: [32] })),
    learned: 0.45,
  },
];

/** One line of the zoo: the name of an optimizer and the values that are not tuned. */
export interface ZooEntry {
  readonly name: string;
  readonly fixed: Values;
  /** Why it does not reach the bar of these tasks, by task. An entry that does reach it must not say so. */
  readonly excuses: Readonly<Record<string, string>>;
}

/** Where defaults made for long runs have nothing to do within 200 steps, or cost more than a smoke test may. */
const fixedValues: Readonly<Record<string, Values>> = {
  'distributed-shampoo': { blockSize: 128 },
  lbfgs: { maxIter: 1 },
  'psgd-kron': { maxSide: 128 },
  shampoo: { refresh: 10, blockSize: 128 },
  soap: { maxSide: 128 },
};

const fewDirections = 'it sees one random direction a step: 200 steps are few among thousands of dimensions';

/** Documented reasons for not learning here. */
const excuses: Readonly<Record<string, ZooEntry['excuses']>> = {
  egd: { 'logistic-mnist': 'the weights begin at 0, and multiplicative steps leave a 0 as it is' },
  spsa: {
    'logistic-mnist': fewDirections,
    'mnist-mlp': fewDirections,
  },
};

/** A wrapper goes around adamw, a schedule around sgd: bases that learn by themselves. */
export function zooEntries(): ZooEntry[] {
  const names = [
    ...methods.map(({ id }) => id),
    ...wrappers.map(({ id }) => `${id}(adamw)`),
    ...schedules.map(({ id }) => `${id}(sgd)`),
  ];
  return names.map((name) => ({ name, fixed: fixedValues[name] ?? {}, excuses: excuses[name] ?? {} }));
}

/** What is tried: points of the declared tuning ranges; the defaults alone where nothing is to be tuned. */
export function zooSettings({ name, fixed }: ZooEntry): Record<string, number>[] {
  const { space } = planCompetitor({ optimizer: name, fixed });
  const count = Object.keys(space).length === 0 ? 1 : zooProtocol.trials;
  return drawSettings(space, { count, seed: zooProtocol.seed, method: 'halton' });
}

export const zooOptimizer = ({ name, fixed }: ZooEntry) => getOptimizer(name, fixed);

export interface ZooTrial {
  readonly values: Readonly<Record<string, number>>;
  /** The last validation loss; null where the run diverged. */
  readonly loss: number | null;
}

/** What is kept of an entry on a task, as JSON. */
export interface ZooResult {
  readonly name: string;
  readonly task: string;
  readonly fixed: Values;
  readonly protocol: typeof zooProtocol;
  readonly trials: readonly ZooTrial[];
  /** Milliseconds of one step of one trial. */
  readonly millisecondsPerStep: number | null;
  /** With compilation and evaluation. */
  readonly seconds: number;
  /** An error in the place of a result. */
  readonly error?: string;
}

/** Does a stored result answer the question that is asked now? Errors are asked again. */
export const answers = (entry: ZooEntry, { fixed, protocol, error, trials }: ZooResult): boolean =>
  error === undefined &&
  JSON.stringify([protocol, fixed]) === JSON.stringify([zooProtocol, entry.fixed]) &&
  JSON.stringify(trials.map(({ values }) => values)) === JSON.stringify(zooSettings(entry));

export interface ZooRow {
  /** With the values that are not tuned. */
  readonly name: string;
  /** Validation losses; infinite where no trial, or not half of them, ended. */
  readonly best: number;
  readonly median: number;
  readonly trials: number;
  readonly diverged: number;
  readonly millisecondsPerStep: number | null;
  readonly verdict: 'learns' | 'excused' | 'does not learn' | 'error' | 'excuse not needed';
  /** The excuse or the error. */
  readonly remark: string;
}

/** As a race names it: 'lbfgs[maxIter=1]'. */
const labelOf = ({ name, fixed }: ZooEntry): string => {
  const values = Object.entries(fixed).map(([key, value]) => `${key}=${value}`);
  return values.length === 0 ? name : `${name}[${values.join(',')}]`;
};

export function zooRow(entry: ZooEntry, task: ZooTask, { trials, millisecondsPerStep, error }: ZooResult): ZooRow {
  const losses = trials.map(({ loss }) => loss ?? Number.POSITIVE_INFINITY);
  const best = Math.min(...losses);
  const excuse = entry.excuses[task.id];
  const verdict = (): ZooRow['verdict'] => {
    if (error !== undefined) return 'error';
    if (best < task.learned) return excuse === undefined ? 'learns' : 'excuse not needed';
    return excuse === undefined ? 'does not learn' : 'excused';
  };
  return {
    name: labelOf(entry),
    best,
    median: median(losses),
    trials: trials.length,
    diverged: losses.filter((loss) => loss === Number.POSITIVE_INFINITY).length,
    millisecondsPerStep,
    verdict: verdict(),
    remark: error ?? excuse ?? '',
  };
}

/** An entry that learns, or has a reason not to, is as it should be. */
export const isFine = ({ verdict }: ZooRow): boolean => verdict === 'learns' || verdict === 'excused';

const cell = (text: string): string => text.replaceAll('|', '\\|').replaceAll('\n', ' ');

function tableOf(rows: readonly ZooRow[]): string {
  const lines = rows.map(({ name, best, median: middle, trials, diverged, millisecondsPerStep, verdict, remark }) => {
    const numbers = [
      number(best),
      number(middle),
      `${diverged} of ${trials}`,
      number(millisecondsPerStep ?? Number.NaN),
    ];
    const learned = remark ? `${verdict}: ${remark}` : verdict;
    return `| ${[`\`${name}\``, ...numbers, cell(learned)].join(' | ')} |`;
  });
  return [
    '| | best loss | median | diverged | ms per step | |',
    '| --- | --- | --- | --- | --- | --- |',
    ...lines,
  ].join('\n');
}

/** The page of the documentation. `machine` says where it was measured. */
export function zooPage(
  sections: readonly { readonly task: ZooTask; readonly rows: readonly ZooRow[] }[],
  machine: string,
  seconds: number,
): string {
  const { steps, batchSize, trials, validation } = zooProtocol;
  const counted = sections[0]?.rows.length ?? 0;
  return [
    '# Does everything learn?\n',
    `Written by \`npm run zoo -- --write\`; do not edit. Every method, every wrapper around adamw and every schedule around sgd (${counted} entries) trains for ${steps} steps of ${batchSize} examples, ${trials} times, with settings drawn from the tuning ranges that it declares (once where it declares none). This is a smoke test, not a race: the losses are those of ${validation} validation examples after so few steps, one seed, without a schedule where that is not the entry itself.\n`,
    `Learned means that the best trial ends below the task's bar. Measured on ${machine}; the runs took ${duration(seconds)} together. Milliseconds are those of one trial, of which ${trials} run as one program: a method whose work does not batch looks slow here.\n`,
    ...sections.map(
      ({ task, rows }) => `## ${task.id}\n\n${task.what} The bar is ${task.learned}.\n\n${tableOf(rows)}\n`,
    ),
  ].join('\n');
}

/** What else there is to do, in seconds, at the pace so far; NaN before the first result. */
export const secondsLeft = (done: readonly number[], left: number, jobs: number): number =>
  done.length === 0 ? Number.NaN : ((done.reduce((a, b) => a + b, 0) / done.length) * left) / jobs;
