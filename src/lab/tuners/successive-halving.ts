import { z } from 'zod';
import { defaultSearch, drawSettings, searchMethods } from '../search/search.ts';
import { inOrder } from './best.ts';
import { bestOnRungs, rungProbe, rungSteps } from './rungs.ts';
import type { Probe, Results, Tuner } from './tuner.ts';

export const etaOption = z
  .int()
  .min(2)
  .max(100)
  .default(3)
  .describe('One in so many settings goes on to the next rung, where its budget is so many times as large.');

export const methodOption = z
  .enum(searchMethods)
  .default(defaultSearch)
  .describe('Point set that the settings are drawn from.');

const options = z.strictObject({
  configurations: z.int().min(1).max(100_000).default(27).describe('Settings that begin.'),
  eta: etaOption,
  rungs: z
    .int()
    .min(1)
    .max(20)
    .default(4)
    .describe('Budgets, the whole one among them: the first is eta^(1 - rungs) of it.'),
  method: methodOption,
});

export type SuccessiveHalvingOptions = z.infer<typeof options>;

/** One bracket: so many of its settings run on each rung, with so many steps. */
export interface Bracket {
  readonly sizes: readonly number[];
  readonly budgets: readonly number[];
}

/** Of n settings, floor(n / eta^k) come to the k-th of these rungs, and at least one. */
export const bracketOf = (n: number, eta: number, budgets: readonly number[]): Bracket => ({
  sizes: budgets.map((_, k) => Math.max(1, Math.floor(n / eta ** k))),
  budgets,
});

/** Probes of a bracket, and their steps. A promoted run does only the steps that it has not done yet. */
export const bracketSize = ({ sizes, budgets }: Bracket): { readonly probes: number; readonly steps: number } => ({
  probes: sizes.reduce((sum, size) => sum + size, 0),
  steps: sizes.reduce((sum, size, k) => sum + size * (budgets[k] - (budgets[k - 1] ?? 0)), 0),
});

/**
 * The probes of a bracket that are known by now: a rung begins when all of the one before it ended, with the best of them. Settings that
 * diverged are not promoted, even where that leaves places empty. `first` numbers its settings and its probes.
 */
export function climb(
  { sizes, budgets }: Bracket,
  settings: readonly Probe['values'][],
  results: Results,
  first: { readonly configuration: number; readonly probe: number },
): { readonly probes: readonly Probe[]; readonly ended: boolean } {
  const probes: Probe[] = [];
  let climbers = settings.map((_, i) => i);
  let index = first.probe;
  for (let rung = 0; rung < sizes.length; rung++) {
    const here = climbers.map((i, place) =>
      rungProbe(budgets, rung, first.configuration + i, settings[i], index + place),
    );
    probes.push(...here);
    index += sizes[rung];
    const ended = here.flatMap(({ key }) => results.get(key) ?? []);
    if (ended.length < here.length) return { probes, ended: false };
    climbers = inOrder(ended)
      .slice(0, sizes[rung + 1])
      .map((place) => climbers[place]);
  }
  return { probes, ended: true };
}

/** Starts many settings with a small budget; again and again the best eta-th goes on with eta times as much. */
export const successiveHalving: Tuner<SuccessiveHalvingOptions> = {
  kind: 'successive-halving',
  summary: 'many settings begin; in rounds, the best of them go on with a larger budget',
  source:
    'K. Jamieson and A. Talwalkar (2016), "Non-stochastic best arm identification and hyperparameter optimization", AISTATS, arXiv:1502.07943, Algorithm 1',
  options,
  describe: ({ configurations, eta, rungs }) =>
    `successive halving: ${configurations} settings, of which the best in ${eta} went on with ${eta} times the steps, on ${rungs} rungs`,
  advise(study, { configurations, eta, rungs, method }, results) {
    const settings = drawSettings(study.space, { count: configurations, seed: study.seed, method });
    const bracket = bracketOf(configurations, eta, rungSteps(study.steps, eta, rungs));
    const { probes, ended } = climb(bracket, settings, results, { configuration: 0, probe: 0 });
    return { probes, done: ended ? { best: bestOnRungs(probes, results) } : null };
  },
  most: (study, { configurations, eta, rungs }) =>
    bracketSize(bracketOf(configurations, eta, rungSteps(study.steps, eta, rungs))),
};
