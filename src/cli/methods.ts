import colors from 'picocolors';
import { calls, number } from '../lab/format.ts';
import { callsMeasuredOn, type MeasuredCost, measureCost, stateMeasuredOn } from '../lab/measure.ts';
import type { Hyper, HyperSpec, TuningRange } from '../optim/hyper.ts';
import { type Described, getOptimizer, methods, schedules, wrappers } from '../optim/registry.ts';
import { bareTable } from './bare-table.ts';

export interface Entry {
  readonly kind: 'method' | 'wrapper' | 'schedule';
  readonly id: string;
  readonly summary: string;
  readonly source: string;
  readonly hyper: readonly HyperEntry[];
  /** Only methods have costs of their own. */
  readonly cost?: MeasuredCost;
}

interface HyperEntry {
  readonly name: string;
  readonly default: number | boolean | string;
  readonly range: string;
  readonly tune?: TuningRange;
  readonly doc: string;
}

export const rangeOf = (hyper: Hyper): string => {
  switch (hyper.kind) {
    case 'number':
    case 'optional':
      return hyper.range;
    case 'count':
      return '1, 2, ...';
    case 'flag':
      return 'true, false';
    case 'choice':
      return hyper.options.join(', ');
  }
};

const scales = { linear: 'linear', log: 'log', logOneMinus: 'log of 1 - x' } as const;

export const tuningText = ({ low, high, scale }: TuningRange): string => `${low} to ${high} (${scales[scale]})`;

const describeHypers = (spec: HyperSpec): HyperEntry[] =>
  Object.entries(spec).map(([name, hyper]) => ({
    name,
    default: hyper.default,
    range: rangeOf(hyper),
    ...('tune' in hyper && hyper.tune && { tune: hyper.tune }),
    doc: hyper.doc,
  }));

/** What the registry knows, nothing measured. */
export const entryOf = (kind: Entry['kind'], { id, summary, source, hyper }: Described): Entry => ({
  kind,
  id,
  summary,
  source,
  hyper: describeHypers(hyper),
});

/** Every method, wrapper and schedule, methods with their measured costs. */
export async function allEntries(): Promise<Entry[]> {
  const entries: Entry[] = [];
  for (const method of methods) {
    entries.push({ ...entryOf('method', method), cost: await measureCost(getOptimizer(method.id)) });
  }
  entries.push(...wrappers.map((wrapper) => entryOf('wrapper', wrapper)));
  entries.push(...schedules.map((schedule) => entryOf('schedule', schedule)));
  return entries;
}

export async function methodsCommand({ json = false }: { json?: boolean }): Promise<void> {
  const entries = await allEntries();
  process.stdout.write(json ? `${JSON.stringify(entries, null, 2)}\n` : listing(entries));
}

function listing(entries: readonly Entry[]): string {
  const of = (kind: Entry['kind']) => entries.filter((entry) => entry.kind === kind);
  return [
    table('Methods', of('method'), true),
    `Oracle calls of a step, counted on a perceptron ${callsMeasuredOn.join('-')}; bytes of state per parameter, measured on ${stateMeasuredOn.id}; at the defaults.`,
    '',
    table('Wrappers, as in sam(sgd)', of('wrapper'), false),
    '',
    table('Schedules, as in cosine(adamw)', of('schedule'), false),
    '',
    'thalweg explain <id> says more of each.\n',
  ].join('\n');
}

function table(title: string, entries: readonly Entry[], costs: boolean): string {
  const width = process.stdout.isTTY ? process.stdout.columns : 160;
  const wide = width >= 120;
  const cells = entries.map(({ id, summary, source, hyper, cost }) => {
    const hypers = hyper.map(({ name, default: value, range }) => `${name} ${value} ${colors.dim(range)}`).join('\n');
    return [
      colors.cyan(id),
      ...(cost ? [calls(cost.calls), number(cost.stateBytesPerParameter)] : []),
      hypers || colors.dim('none'),
      ...(wide ? [`${summary}\n${colors.dim(source)}`] : []),
    ];
  });
  return bareTable(cells, {
    head: [
      title,
      ...(costs ? ['calls', 'bytes'] : []),
      'hyperparameters: default, range',
      ...(wide ? ['what it is, where from'] : []),
    ].map((text) => colors.bold(text)),
    colWidths: [26, ...(costs ? [12, 7] : []), 44, ...(wide ? [Math.min(80, width - (costs ? 91 : 71))] : [])].map(
      (w, i) => (!wide && i > 0 && w === 44 ? Math.max(20, width - (costs ? 46 : 27)) : w),
    ),
    wordWrap: true,
  });
}
