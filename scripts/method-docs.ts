import { allEntries, type Entry } from '../src/cli/methods.ts';
import { calls, number } from '../src/lab/format.ts';
import { measuredOn } from '../src/lab/measure.ts';

const cell = (text: string): string => text.replaceAll('|', '\\|');

const tuning = ({ tune }: Entry['hyper'][number]): string =>
  tune
    ? `, tuned over ${tune.low} to ${tune.high} (${tune.scale === 'logOneMinus' ? 'log of 1 - x' : tune.scale})`
    : '';

const section = ({ id, summary, source, hyper }: Entry): string => {
  const rows = hyper.map((h) => {
    const { name, default: value, range, doc } = h;
    return `| \`${name}\` | \`${value}\` | ${cell(range)}${tuning(h)} | ${cell(doc)} |`;
  });
  const table = ['| | default | legal | |', '| --- | --- | --- | --- |', ...rows].join('\n');
  return `### ${id}\n\n${summary[0].toUpperCase()}${summary.slice(1)}. ${source}.\n\n${rows.length > 0 ? table : 'No hyperparameters.'}\n`;
};

/** The page of all methods, made from the registry; costs are measured by tracing a step. */
export async function methodDocs(): Promise<string> {
  const entries = await allEntries();
  const of = (kind: Entry['kind']) => entries.filter((entry) => entry.kind === kind);
  const costs = of('method').map(({ id, summary, cost }) => {
    const measured = cost ? `${calls(cost.calls)} | ${number(cost.statePerParameter)}` : ' | ';
    return `| [${id}](#${id}) | ${cell(summary)} | ${measured} |`;
  });
  return [
    '# Methods\n',
    `Written by \`npm run docs\` from the sources; do not edit. Oracle calls and floats of state for each parameter are measured by tracing a step on a perceptron ${measuredOn.join('-')}.\n`,
    ['| method | what it is | calls per step | state |', '| --- | --- | --- | --- |', ...costs].join('\n'),
    '\n## Methods one by one\n',
    ...of('method').map(section),
    '## Wrappers\n\nA wrapper takes an optimizer and gives one: `sam(sgd)`.\n',
    ...of('wrapper').map(section),
    '## Schedules\n\nA schedule multiplies every learning rate: `cosine(adamw)`, or `withSchedule(adamw(), cosine())` in code.\n',
    ...of('schedule').map(section),
  ].join('\n');
}
