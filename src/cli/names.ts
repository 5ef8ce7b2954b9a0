import { CompetitorError, type CompetitorOptions, parseCompetitor, planCompetitor } from '../lab/competitor.ts';
import { HyperError } from '../optim/hyper.ts';
import { UnknownOptimizerError } from '../optim/registry.ts';
import { tasks } from '../tasks/registry.ts';
import { noSuch, UsageError } from './errors.ts';

/** Splits at commas outside brackets: 'adamw,sgd[momentum=0.9,nesterov=true]' is two. */
export function splitList(text: string): string[] {
  const parts: string[] = [''];
  let depth = 0;
  for (const character of text) {
    if ('([{'.includes(character)) depth++;
    if (')]}'.includes(character)) depth--;
    if (character === ',' && depth === 0) parts.push('');
    else parts[parts.length - 1] += character;
  }
  return parts.map((part) => part.trim()).filter((part) => part !== '');
}

export function checkTask(id: string): void {
  if (!Object.hasOwn(tasks, id)) throw noSuch('task', id, Object.keys(tasks));
}

/** Turns the errors of an unknown name or an illegal value into usage errors that name the nearest known one. */
export function asUsage<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (error instanceof UnknownOptimizerError) throw noSuch('optimizer', error.unknown, error.known);
    if (error instanceof HyperError || error instanceof CompetitorError) throw new UsageError(error.message);
    throw error;
  }
}

/** The competitors of a list, refused before anything runs if one of them is not to be had. */
export const competitorsOf = (list: readonly string[]): readonly CompetitorOptions[] =>
  asUsage(() =>
    list.map((text) => {
      const competitor = { label: text, ...parseCompetitor(text) };
      planCompetitor(competitor);
      return competitor;
    }),
  );
