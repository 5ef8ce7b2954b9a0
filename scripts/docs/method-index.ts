import type { Entry } from '../../src/cli/methods.ts';
import { calls, number } from '../../src/lab/format.ts';
import { callsMeasuredOn, stateMeasuredOn } from '../../src/lab/measure.ts';
import type { Page } from './entries.ts';
import { familyTitle } from './families.ts';
import { code, prose, table } from './markdown.ts';

/** The list of everything, with what it costs. */
export function methodIndex(pages: readonly Page[]): string {
  const of = (kind: Entry['kind']) => pages.filter((page) => page.kind === kind);
  const [methods, wrappers, schedules] = [of('method'), of('wrapper'), of('schedule')];
  const link = ({ id }: Page) => `[${id}](${id}.md)`;
  const cost = ({ cost: { calls: perStep, stateBytesPerParameter } }: Page) => [
    calls(perStep),
    number(stateBytesPerParameter),
  ];
  return `# Methods

${methods.length} methods, ${wrappers.length} wrappers and ${schedules.length} schedules. Oracle calls of a step and bytes of state per parameter are measured at the defaults, calls on a perceptron ${callsMeasuredOn.join('-')}, state on the parameters of ${code(stateMeasuredOn.id)}; those of a wrapper are around sgd, which has no state and asks for one gradient.

<DataTable placeholder="Filter: adam, momentum, matrices, ...">

## Methods

${table(
  ['method', 'what it is', 'calls', 'bytes', 'family'],
  methods.map((page) => [link(page), prose(page.summary), ...cost(page), familyTitle(page.family)]),
)}

## Wrappers

A wrapper takes an optimizer and gives one: \`sam(sgd)\`.

${table(
  ['wrapper', 'what it is', 'calls', 'bytes'],
  wrappers.map((page) => [link(page), prose(page.summary), ...cost(page)]),
)}

## Schedules

A schedule multiplies every learning rate: \`cosine(adamw)\`, or \`withSchedule(adamw(), cosine())\` in code. None keeps state.

${table(
  ['schedule', 'what it is'],
  schedules.map((page) => [link(page), prose(page.summary)]),
)}

</DataTable>
`;
}
