import { docstringOf, sourceOf } from '../../src/cli/docstring.ts';
import { type Entry, entryOf } from '../../src/cli/methods.ts';
import { type MeasuredCost, measureCost } from '../../src/lab/measure.ts';
import type { About, Disagreement } from '../../src/optim/about/about.ts';
import * as abouts from '../../src/optim/about/index.ts';
import { HyperError } from '../../src/optim/hyper.ts';
import { type AnyOptimizer, getOptimizer, methods, schedules, wrappers } from '../../src/optim/registry.ts';
import { type GoldenRun, goldenRuns } from './golden.ts';

/** All that the pages say of one method, wrapper or schedule. */
export interface Page extends Entry {
  /** Folder of its source: 'adaptive', 'wrappers'. */
  readonly family: string;
  /** Within the repository. */
  readonly file: string;
  readonly doc: string | null;
  readonly about: About | undefined;
  /** What was measured and run: the method itself, or 'sam(sgd)' for a wrapper or schedule. */
  readonly name: string;
  readonly cost: MeasuredCost;
  readonly evaluatesElsewhere: boolean;
  /** Independent minibatches of a step. */
  readonly batches: number;
  /** None for what asks for per-example gradients or logits, which the common sequence does not have. */
  readonly golden: readonly GoldenRun[];
}

export const aboutById: ReadonlyMap<string, About> = new Map(Object.entries(abouts));

/** A wrapper or schedule has no step of its own: it is shown around the first of these that it takes. */
const bases = ['sgd', 'adam'];

function configured({ id, kind }: Entry): { name: string; optimizer: AnyOptimizer } {
  const names = kind === 'method' ? [id] : bases.map((base) => `${id}(${base})`);
  for (const name of names.slice(0, -1)) {
    try {
      return { name, optimizer: getOptimizer(name) };
    } catch (error) {
      if (!(error instanceof HyperError)) throw error;
    }
  }
  const name = names[names.length - 1];
  return { name, optimizer: getOptimizer(name) };
}

async function pageOf(entry: Entry): Promise<Page> {
  const { name, optimizer } = configured(entry);
  const source = sourceOf(entry.id)?.path ?? '';
  const cost = await measureCost(optimizer);
  return {
    ...entry,
    family: source.split('/')[0],
    file: `src/optim/${source}`,
    doc: docstringOf(entry.id),
    about: aboutById.get(entry.id),
    name,
    cost,
    evaluatesElsewhere: optimizer.kind === 'symbolic' && optimizer.evaluationPoint !== undefined,
    batches: optimizer.batches,
    golden: cost.calls.perExample > 0 ? [] : await goldenRuns(optimizer),
  };
}

/** Every method, wrapper and schedule, by id. */
export async function allPages(): Promise<Page[]> {
  const entries = [
    ...methods.map((method) => entryOf('method', method)),
    ...wrappers.map((wrapper) => entryOf('wrapper', wrapper)),
    ...schedules.map((schedule) => entryOf('schedule', schedule)),
  ];
  const pages: Page[] = [];
  for (const entry of entries) pages.push(await pageOf(entry));
  return pages;
}

/** A disagreement and whose it is. */
export interface Case extends Disagreement {
  readonly id: string;
}

export const casesOf = (pages: readonly Page[]): Case[] =>
  pages.flatMap(({ id, about }) => (about?.disagreements ?? []).map((one) => ({ ...one, id })));
