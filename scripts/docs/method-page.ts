import { tuningText } from '../../src/cli/methods.ts';
import { calls, number } from '../../src/lab/format.ts';
import { callsMeasuredOn, stateMeasuredOn } from '../../src/lab/measure.ts';
import type { Disagreement } from '../../src/optim/about/about.ts';
import { caseItem, caseList } from './case.ts';
import type { Page } from './entries.ts';
import { familyTitle } from './families.ts';
import { type GoldenRun, goldenHorizon } from './golden.ts';
import { code, docstring, mathBlock, prose, sentence, table, withArxivLinks } from './markdown.ts';

const kinds = { method: 'A method', wrapper: 'A wrapper', schedule: 'A schedule' } as const;

/** The page of one method, wrapper or schedule. */
export function methodPage(page: Page, pages: readonly Page[]): string {
  const { id, summary, source, about, doc } = page;
  const parts = [
    `# ${id}\n\n${prose(sentence(summary))}\n\n${withArxivLinks(sentence(source))}`,
    about && `## Equations\n\n${mathBlock(about.equations)}`,
    about && `## When to use it\n\n${prose(about.use)}`,
    hypers(page),
    costs(page),
    doc && `## The rule in plain text\n\nAs ${code(page.file)} states it.\n\n${docstring(doc)}`,
    about && relatives(page, pages),
    about && disagreements(page),
    golden(page),
  ];
  return `${parts.filter((part) => part).join('\n\n')}\n`;
}

function hypers({ hyper }: Page): string {
  if (hyper.length === 0) return '## Hyperparameters\n\nNone.';
  const rows = hyper.map((one) => [
    code(one.name),
    code(String(one.default)),
    prose(one.doc),
    prose(one.range),
    one.tune ? tuningText(one.tune) : '',
  ]);
  return `## Hyperparameters\n\n${table(['name', 'default', 'what it is', 'legal', 'tuned over'], rows)}`;
}

function costs({ kind, name, cost, evaluatesElsewhere, family, file }: Page): string {
  const { state } = cost;
  const parts = state.map((part) => `${code(part.name)} ${number(part.bytesPerParameter)}`).join(', ');
  const bytes = `${number(cost.stateBytesPerParameter)} bytes per parameter${state.length > 1 ? `: ${parts}` : ''}`;
  const lines = [
    `- **Oracle calls of a step:** ${calls(cost.calls)}`,
    `- **State:** ${bytes}`,
    evaluatesElsewhere && '- **Evaluated at** other parameters than it trains: its averages',
    `- **Use:** ${code(`getOptimizer('${name}')`)}`,
    `- ${kinds[kind]}${kind === 'method' ? ` of the family *${familyTitle(family).toLowerCase()}*` : ''}, in ${code(file)}`,
  ];
  const how = `Measured ${kind === 'method' ? 'at the defaults' : `around ${code(name)} at the defaults`}: calls on a perceptron ${callsMeasuredOn.join('-')}, state on the parameters of ${code(stateMeasuredOn.id)} ([all of them](../memory.md)).`;
  return `## Costs\n\n${lines.filter((line) => line).join('\n')}\n\n${how}`;
}

function relatives({ id, about }: Page, pages: readonly Page[]): string {
  const own = Object.entries(about?.relatives ?? {});
  const others = pages.filter(
    (page) => page.about && id in page.about.relatives && !own.some(([one]) => one === page.id),
  );
  if (own.length + others.length === 0) return '';
  const lines = own.map(([one, text]) => `- [${one}](${one}.md): ${prose(text)}`).join('\n');
  const named = others.map((page) => `[${page.id}](${page.id}.md)`).join(', ');
  const more = named && `${own.length > 0 ? 'Compared with this one on their own pages' : 'On their pages'}: ${named}.`;
  return ['## Relatives', lines, more].filter(Boolean).join('\n\n');
}

function disagreements({ about }: Page): string {
  const cases = about?.disagreements ?? [];
  if (cases.length === 0) return '';
  const list = (kind: Disagreement['kind']) =>
    caseList(
      kind,
      cases.filter((one) => one.kind === kind).map((one) => caseItem(one, (who) => `${who}, a ${kind}`)),
    );
  const intro = 'Each is tested unless it says why not; [all of them](../disagreements.md) are on one page.';
  return ['## Where papers and implementations disagree', intro, list('fault'), list('fork')]
    .filter(Boolean)
    .join('\n\n');
}

const digits = (value: number): string => String(Number(value.toPrecision(10)));

function golden({ golden: runs, name, kind, batches }: Page): string {
  if (runs.length === 0) return '';
  const intro = [
    `To check an implementation of your own: the first three steps${kind === 'method' ? '' : ` of ${code(name)}`} at the defaults, in float64, on`,
    mathBlock([
      String.raw`f_t(w) = \tfrac14 \lVert w \rVert^2 + \cos(t)\, c^\top w, \qquad \nabla f_t(w) = \tfrac12 w + c \cos t, \qquad c = (0.1, -0.2, 0.3, -0.4)`,
    ]),
    `from *w* = (1, -2, 3, 0.5); *t* counts from 1, and the run is planned for ${goldenHorizon} steps.${batches > 1 ? ' The second minibatch of a step has sin in the place of cos.' : ''}`,
  ];
  return ['## Golden check', ...intro, ...runs.flatMap((run) => goldenRun(run, runs.length > 1))].join('\n\n');
}

function goldenRun({ shape, w, evaluation, random }: GoldenRun, titled: boolean): string[] {
  const title = shape === 'matrix' ? 'The same numbers as one hidden 2 × 2 matrix, row after row:' : 'As one vector:';
  const head = ['after step', '*w*₁', '*w*₂', '*w*₃', '*w*₄'];
  const rows = (points: GoldenRun['w']) => points.map((point, i) => [String(i + 1), ...point.map(digits)]);
  const same = JSON.stringify(evaluation) === JSON.stringify(w);
  return [
    ...(titled ? [title] : []),
    table(head, rows(w)),
    ...(evaluation && !same ? ['Parameters to evaluate:', table(head, rows(evaluation))] : []),
    ...(random.some((drawn) => drawn.length > 0) ? [randomNumbers(random)] : []),
  ];
}

const randomNumbers = (random: GoldenRun['random']): string => {
  const drawn = random.flatMap((numbers, i) =>
    numbers.length === 0 ? [] : [`- step ${i + 1}: ${numbers.map(digits).join(', ')}`],
  );
  return `With these random numbers, in the order in which they are asked for:\n\n${drawn.join('\n')}`;
};
