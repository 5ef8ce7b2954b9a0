import colors from 'picocolors';
import { calls, number } from '../lab/format.ts';
import { callsMeasuredOn, measureCost, type StatePart, stateMeasuredOn } from '../lab/measure.ts';
import type { About, Disagreement } from '../optim/about/about.ts';
import * as abouts from '../optim/about/index.ts';
import { partsOf } from '../optim/composed-name.ts';
import type { Hyper, HyperSpec } from '../optim/hyper.ts';
import { type AnyOptimizer, type Described, getOptimizer, methods, schedules, wrappers } from '../optim/registry.ts';
import { docstringOf } from './docstring.ts';
import { UsageError } from './errors.ts';
import { rangeOf, tuningText } from './methods.ts';
import { asUsage } from './names.ts';
import { wrap } from './wrap.ts';

const described: readonly Described[] = [...methods, ...wrappers, ...schedules];
const aboutById = new Map<string, About>(Object.entries(abouts));
const lineWidth = Math.min(100, process.stdout.columns ?? 100);

export async function explainCommand(id: string): Promise<void> {
  const own = described.find((entry) => entry.id === id);
  const needsBase = [...wrappers, ...schedules].some((entry) => entry.id === id);
  // A wrapper or schedule alone has no step: it is measured and shown around sgd.
  const name = needsBase ? `${id}(sgd)` : id;
  const optimizer = asUsage(() => getOptimizer(name));
  const about = own && aboutById.get(id);
  const text = [
    heading(own ?? compose(id, optimizer), about),
    ...(about ? [section('When to use it', prose(about.use))] : []),
    section('Hyperparameters', hyperLines(own?.hyper ?? optimizer.spec)),
    section('Measured cost of a step', await costLines(name, optimizer)),
    ...(about ? relations(about) : []),
    section('Use', useLines(name)),
  ];
  process.stdout.write(`${text.join('\n\n')}\n`);
}

/** What a composed name is made of, outermost first. */
function compose(id: string, { spec }: AnyOptimizer): Described {
  const known = partsOf(id).map((part) => {
    const found = described.find((entry) => entry.id === part);
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

/** The docstring has the equations in plain text; where there is none, those of the page in LaTeX. */
function heading({ id, summary, source }: Described, about?: About): string {
  const doc = docstringOf(id) ?? about?.equations.map((line) => `  ${line}`).join('\n') ?? '';
  return `${colors.bold(id)}\n${summary}\n${colors.dim(source)}${doc && `\n\n${doc}`}`;
}

const prose = (text: string, indent = ''): string[] => {
  const lines = wrap(text, lineWidth - 2 - indent.length);
  return lines.map((line, i) => (i === 0 ? line : indent + line));
};

function relations({ relatives, disagreements = [] }: About): string[] {
  const related = Object.entries(relatives).flatMap(([id, text]) => prose(`${colors.cyan(id)}: ${text}`, '  '));
  const titles: { readonly [K in Disagreement['kind']]: string } = {
    fault: 'Where others err',
    fork: 'Where papers and implementations differ',
  };
  const differing = (['fault', 'fork'] as const).flatMap((kind) => {
    const lines = disagreements.filter((one) => one.kind === kind).flatMap(disagreementLines);
    return lines.length === 0 ? [] : [section(titles[kind], lines)];
  });
  return [...(related.length === 0 ? [] : [section('Relatives', related)]), ...differing];
}

const disagreementLines = ({ who, what, ours, option }: Disagreement): string[] => [
  ...prose(`${colors.cyan(who)}: ${what}`, '  '),
  ...[`here: ${ours}`, ...(option ? [`theirs: ${option}`] : [])].flatMap((text) =>
    prose(text, '    ').map((line) => `  ${line}`),
  ),
];

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

const tuningOf = (hyper: Hyper): string => ('tune' in hyper && hyper.tune ? tuningText(hyper.tune) : '-');

async function costLines(name: string, optimizer: AnyOptimizer): Promise<string[]> {
  const cost = await measureCost(optimizer);
  return [
    `oracle calls  ${calls(cost.calls)}`,
    `state         ${number(cost.stateBytesPerParameter)} bytes per parameter${stateParts(cost.state)}`,
    colors.dim(
      `of ${name} at the defaults; calls on a perceptron ${callsMeasuredOn.join('-')}, state on ${stateMeasuredOn.id}`,
    ),
  ];
}

/** What is kept, where that is more than one thing: ' (m 4, v 4)'. */
const stateParts = (parts: readonly StatePart[]): string =>
  parts.length < 2
    ? ''
    : ` (${parts.map(({ name, bytesPerParameter }) => `${name} ${number(bytesPerParameter)}`).join(', ')})`;

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
