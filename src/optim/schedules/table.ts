import { constant } from '../../tensor/functions.ts';
import { HyperError } from '../hyper.ts';
import { defineSchedule, type Schedule } from './schedule.ts';

/** 32 bits that tell tables apart (FNV-1a over the printed numbers). */
function digest(multipliers: readonly number[]): string {
  let hash = 0x811c9dc5;
  for (const character of multipliers.join()) hash = Math.imul(hash ^ character.charCodeAt(0), 0x01000193);
  return (hash >>> 0).toString(16).padStart(8, '0');
}

/**
 * A schedule given as numbers: step t (from 1) has multipliers[t - 1], and the last one stays beyond the end. It is made by a function and is
 * not in the catalog, as its numbers are no hyperparameters; its id holds a digest of them, so that a checkpoint knows its table.
 */
export function table(multipliers: readonly number[]): Schedule {
  const wrong = multipliers.findIndex((x) => !(x >= 0 && Number.isFinite(x)));
  if (multipliers.length === 0) throw new HyperError('table: it holds no multiplier; it needs one for each step');
  if (wrong >= 0) throw new HyperError(`table: multiplier ${wrong} is ${multipliers[wrong]}; it must lie in [0, inf)`);
  return defineSchedule({
    id: `table:${digest(multipliers)}`,
    summary: 'given multipliers',
    source: 'common practice',
    hyper: {},
    multiplier: ({ t }) => {
      const entry = t.sub(1).clip(0, multipliers.length - 1).cast('int32').reshape([1]); // biome-ignore format: one line
      return constant(multipliers, { dtype: 'float64' }).gather(entry).reshape([]);
    },
  })();
}
