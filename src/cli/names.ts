import { type CompetitorOptions, parseCompetitor, planCompetitor } from '../lab/competitor.ts';
import { protocols } from '../lab/protocols/index.ts';
import { RaceError } from '../lab/race-error.ts';
import type { ProtocolOptions } from '../lab/race-spec.ts';
import { tuners } from '../lab/tuners/index.ts';
import { NameSyntaxError } from '../optim/composed-name.ts';
import { HyperError } from '../optim/hyper.ts';
import { UnknownOptimizerError } from '../optim/registry.ts';
import { tasks } from '../tasks/registry.ts';
import { noSuch, UsageError } from './errors.ts';

/** Names as a command line gives them: refused with the nearest known one before anything runs. */

export function checkTask(id: string): void {
  if (!Object.hasOwn(tasks, id)) throw noSuch('task', id, Object.keys(tasks));
}

/** Turns the errors of an unknown name or an illegal value into usage errors that name the nearest known one. */
export function asUsage<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (error instanceof UnknownOptimizerError) throw noSuch('optimizer', error.unknown, error.known);
    const asked = [HyperError, RaceError, NameSyntaxError].some((kind) => error instanceof kind);
    if (asked) throw new UsageError((error as Error).message);
    throw error;
  }
}

/** The competitors of a list, refused before anything runs if one of them is not to be had. */
export const competitorsOf = (list: readonly string[]): readonly CompetitorOptions[] =>
  asUsage(() =>
    list.map((text) => {
      planCompetitor(text);
      return { label: text, ...parseCompetitor(text) };
    }),
  );

/** 'hyperband[eta=4]': a kind with options, written as an optimizer is with its values. */
const kindOf = (text: string): ProtocolOptions => {
  const { optimizer, fixed } = parseCompetitor(text);
  return { kind: optimizer, ...fixed };
};

const known = (what: string, kinds: readonly { readonly kind: string }[], text: string): ProtocolOptions =>
  asUsage(() => {
    const given = kindOf(text);
    const names = kinds.map(({ kind }) => kind);
    if (!names.includes(given.kind)) throw noSuch(what, given.kind, names);
    return given;
  });

export const protocolOf = (text: string): ProtocolOptions => known('protocol', protocols, text);
export const tunerOf = (text: string): ProtocolOptions => known('tuner', tuners, text);
