import { caseItem, caseList } from './case.ts';
import { type Case, casesOf, type Page } from './entries.ts';
import { table } from './markdown.ts';

/** Code that many people use, by how a disagreement names it. */
const libraries: readonly (readonly [name: string, pattern: RegExp])[] = [
  ['PyTorch', /\bPyTorch [\d.]+|\btorch[ .](\d|optim|nn)|^PyTorch\b|, PyTorch\b/],
  ['Optax', /\boptax\b/i],
  ['pytorch_optimizer', /\bpytorch_optimizer\b/],
  ['Keras and TensorFlow', /\bKeras\b|\bTensorFlow\b/],
];
const others = 'Other code and papers';

const librariesOf = ({ who }: Case): string[] => {
  const found = libraries.filter(([, pattern]) => pattern.test(who)).map(([name]) => name);
  return found.length > 0 ? found : [others];
};

const lowered = (name: string): string => (name === others ? name.toLowerCase() : name);

/** Of a heading, as the site makes it. */
const anchor = (title: string): string => title.toLowerCase().replaceAll(/[^a-z0-9]+/g, '-');

const labelled = (one: Case): string => caseItem(one, (who) => `[${one.id}](methods/${one.id}.md) · ${who}`);

/** Every disagreement of every method: faults by whose code it is, then forks by method. */
export function disagreementsPage(pages: readonly Page[]): string {
  const cases = casesOf(pages);
  const faults = cases.filter(({ kind }) => kind === 'fault');
  const forks = cases.filter(({ kind }) => kind === 'fork');
  const untested = cases.filter((one) => one.untested !== undefined).length;
  const names = [...libraries.map(([name]) => name), others];
  const of = (name: string, some: readonly Case[]) => some.filter((one) => librariesOf(one).includes(name));
  const summary = names.map((name) => {
    const own = of(name, faults);
    const methods = [...new Set(own.map(({ id }) => id))].map((id) => `[${id}](methods/${id}.md)`).join(', ');
    const title = own.length > 0 ? `[${name}](#faults-in-${anchor(name)})` : name;
    return [title, String(own.length), String(of(name, forks).length), methods];
  });
  const faultSections = names.flatMap((name) => {
    // A fault that two libraries share stands where the first of them does.
    const own = faults.filter((one) => librariesOf(one)[0] === name);
    return own.length === 0 ? [] : [`### Faults in ${lowered(name)}`, caseList('fault', own.map(labelled))];
  });
  const forkSections = [...Map.groupBy(forks, ({ id }) => id)].flatMap(([id, own]) => [
    `### [${id}](methods/${id}.md)`,
    caseList(
      'fork',
      own.map((one) => caseItem(one, (who) => who)),
    ),
  ]);
  return `# Where papers and implementations disagree

Two programs under one name often do different things. These are the ${cases.length} places that we found while writing ${pages.length} methods, wrappers and schedules against their papers and against other people's code.

- A **fault**: an implementation does not do what its paper says, or what it says itself. There are ${faults.length}.
- A **fork**: both ways are defensible, and what you read or run may be either. There are ${forks.length}.

For each: who, what they do, what we do, and the setting that gives theirs where there is one. Each is tested, by a trajectory of that implementation with the difference undone, by the option that gives their form, or by a test of its own, but for the ${untested} that say why not. PyTorch, Optax, pytorch_optimizer and schedulefree were run; other code was read, and not always run. The versions are those that we read; later ones may have changed.

${table(['whose', 'faults', 'forks', 'methods with faults'], summary)}

<DataTable placeholder="Filter: optax, bias, decay, ...">

## Faults

${faultSections.join('\n\n')}

## Forks

${forkSections.join('\n\n')}

</DataTable>
`;
}
