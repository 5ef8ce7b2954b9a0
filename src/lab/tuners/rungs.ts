import { bestOf } from './best.ts';
import type { Probe, Results } from './tuner.ts';

/**
 * Rungs: the lesser budgets of methods that stop bad settings early. Every run has the whole horizon, so that a learning-rate schedule is
 * the same on all rungs; a run on a rung ends after some of its steps, and one that is promoted goes on from there.
 */

/**
 * Steps of the rungs, rising: the last is the whole budget, each one before it an eta-th of the next, rounded. Where that would come to
 * less than one step, or to as many as the next rung has, there are fewer rungs than asked for.
 */
export function rungSteps(steps: number, eta: number, rungs: number): number[] {
  const rising: number[] = [];
  for (let k = 0; k < rungs; k++) {
    const until = Math.round(steps / eta ** k);
    if (until < 1 || until === rising[0]) break;
    rising.unshift(until);
  }
  return rising;
}

/** The run of a setting on a rung: '3@27', and '3' on the last one. */
export function rungProbe(
  budgets: readonly number[],
  rung: number,
  configuration: number,
  values: Probe['values'],
  index: number,
): Probe {
  const key = (k: number) => (k === budgets.length - 1 ? `${configuration}` : `${configuration}@${budgets[k]}`);
  return {
    key: key(rung),
    values,
    until: budgets[rung],
    ...(rung > 0 && { from: key(rung - 1) }),
    ...(rung < budgets.length - 1 && { keep: true }),
    index,
  };
}

const configurationOf = ({ key }: Probe): string => key.split('@')[0];

/**
 * The best setting on the highest rung that any came to. One that went higher and diverged there is out on all rungs. Results of
 * different rungs are not compared: a short run may look better than a longer one of a better setting.
 */
export function bestOnRungs(probes: readonly Probe[], results: Results): Probe | null {
  const ended = probes.filter(({ key }) => results.has(key));
  const highest = new Map<string, Probe>();
  for (const probe of ended) {
    const known = highest.get(configurationOf(probe));
    if (!known || known.until < probe.until) highest.set(configurationOf(probe), probe);
  }
  const sound = [...highest.values()].filter(({ key }) => Number.isFinite(results.get(key)?.score));
  const top = Math.max(...sound.map(({ until }) => until));
  return bestOf(
    sound.filter(({ until }) => until === top),
    results,
  );
}
