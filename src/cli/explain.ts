import colors from 'picocolors';
import { calls, number } from '../lab/format.ts';
import { measureCost, measuredOn } from '../lab/measure.ts';
import type { Hyper, HyperSpec } from '../optim/hyper.ts';
import { type AnyOptimizer, type Described, getOptimizer, methods, schedules, wrappers } from '../optim/registry.ts';
import { docstringOf } from './docstring.ts';
import { UsageError } from './errors.ts';
import { rangeOf } from './methods.ts';
import { asUsage } from './names.ts';

const described: readonly Described[] = [...methods, ...wrappers, ...schedules];

export async function explainCommand(id: string): Promise<void> {
  const own = described.find((entry) => entry.id === id);
  const needsBase = [...wrappers, ...schedules].some((entry) => entry.id === id);
  // A wrapper or schedule alone has no step: it is measured and shown around sgd.
  const name = needsBase ? `${id}(sgd)` : id;
  const optimizer = asUsage(() => getOptimizer(name));
  const text = [
    heading(own ?? compose(id, optimizer)),
    section('Hyperparameters', hyperLines(own?.hyper ?? optimizer.spec)),
    section('Measured cost of a step', await costLines(name, optimizer)),
    section('Use', useLines(name)),
  ];
  process.stdout.write(`${text.join('\n\n')}\n`);
}

/** What a composed name is made of, outermost first. */
function compose(id: string, { spec }: AnyOptimizer): Described {
  const parts = id.split(/[()]/).filter((part) => part.trim() !== '');
  const known = parts.map((part) => {
    const found = described.find((entry) => entry.id === part.trim());
    if (!found) throw new UsageError(`there is no method '${part}'`);
    return found;
  });
  return {
    id,
    summary: known.map((entry) => `${entry.id}: ${entry.summary}`).join('\n'),
    source: known.map((entry) => `${entry.id}: ${entry.source}`).join('\n'),
    hyper: spec,
  };
}

function heading({ id, summary, source }: Described): string {
  const doc = docstringOf(id);
  return `${colors.bold(id)}\n${summary}\n${colors.dim(source)}${doc === null ? '' : `\n\n${doc}`}`;
}

const section = (title: string, lines: readonly string[]): string =>
  [colors.bold(title), ...lines.map((line) => `  ${line}`.trimEnd())].join('\n');

function hyperLines(spec: HyperSpec): string[] {
  const rows = Object.entries(spec).map(([name, hyper]) => [
    name,
    String(hyper.default),
    rangeOf(hyper),
    tuningOf(hyper),
    hyper.doc,
  ]);
  if (rows.length === 0) return ['none'];
  const table = [['name', 'default', 'legal', 'tuned over', ''], ...rows];
  const widths = [0, 1, 2, 3].map((column) => Math.max(...table.map((row) => row[column].length)));
  return table.map((row, i) => {
    const line = row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd();
    return i === 0 ? colors.dim(line) : line;
  });
}

const scales = { linear: 'linear', log: 'log', logOneMinus: 'log of 1 - x' } as const;

const tuningOf = (hyper: Hyper): string =>
  'tune' in hyper && hyper.tune ? `${hyper.tune.low} to ${hyper.tune.high} (${scales[hyper.tune.scale]})` : '-';

async function costLines(name: string, optimizer: AnyOptimizer): Promise<string[]> {
  const cost = await measureCost(optimizer);
  return [
    `oracle calls  ${calls(cost.calls)}`,
    `state         ${number(cost.statePerParameter)} floats per parameter`,
    colors.dim(`of ${name} at the defaults, on a perceptron ${measuredOn.join('-')}`),
  ];
}

function useLines(name: string): string[] {
  return [
    "import { getOptimizer } from 'thalweg/optim';",
    "import { getTask } from 'thalweg/tasks';",
    "import { train } from 'thalweg/train';",
    '',
    `const result = await train({ task: getTask('mnist-mlp'), optimizer: getOptimizer('${name}') });`,
    '',
    `or: thalweg race --optimizers ${name === 'adamw' ? 'sgd' : 'adamw'},${name.includes('(') ? `"${name}"` : name}`,
  ];
}
