import { z } from 'zod';
import { drawSettings } from '../search/search.ts';
import { bestOnRungs, rungSteps } from './rungs.ts';
import { type Bracket, bracketOf, bracketSize, climb, etaOption, methodOption } from './successive-halving.ts';
import type { Study, Tuner } from './tuner.ts';

const options = z.strictObject({
  eta: etaOption,
  rungs: z
    .int()
    .min(1)
    .max(10)
    .default(4)
    .describe('Brackets, and rungs of the longest one: the smallest budget is eta^(1 - rungs) of the whole one.'),
  tableRounding: z
    .boolean()
    .default(false)
    .describe(
      "Settings of a bracket as in the paper's table, floor(rungs / (s + 1)) eta^s, rather than by its Algorithm 1, ceil(rungs eta^s / (s + 1)).",
    ),
  method: methodOption,
});

export type HyperbandOptions = z.infer<typeof options>;

/**
 * The brackets, the most daring first. With s_max + 1 rungs, bracket s = s_max ... 0 begins with n settings at a budget of eta^-s of the
 * whole one: n = ceil((s_max + 1) eta^s / (s + 1)), so that all brackets come to about the same number of steps.
 */
export function hyperbandBrackets(steps: number, { eta, rungs, tableRounding }: HyperbandOptions): Bracket[] {
  const budgets = rungSteps(steps, eta, rungs);
  const count = budgets.length;
  return budgets.map((_, skipped) => {
    const s = count - 1 - skipped;
    const n = tableRounding ? Math.floor(count / (s + 1)) * eta ** s : Math.ceil((count * eta ** s) / (s + 1));
    return bracketOf(n, eta, budgets.slice(skipped));
  });
}

/** Successive halving several times, from many short runs to a few whole ones: it hedges against early results that mislead. */
export const hyperband: Tuner<HyperbandOptions> = {
  kind: 'hyperband',
  summary: 'successive halving in several brackets, from many short runs to a few whole ones',
  source:
    'L. Li et al. (2018), "Hyperband: a novel bandit-based approach to hyperparameter optimization", JMLR 18, arXiv:1603.06560, Algorithm 1 and Table 1',
  options,
  describe: ({ eta, rungs }) =>
    `Hyperband: ${rungs} brackets of successive halving, in which the best in ${eta} went on with ${eta} times the steps`,
  advise(study, options, results) {
    const brackets = hyperbandBrackets(study.steps, options);
    const count = brackets.reduce((sum, { sizes }) => sum + sizes[0], 0);
    const settings = drawSettings(study.space, { count, seed: study.seed, method: options.method });
    let configuration = 0;
    let probe = 0;
    const climbs = brackets.map((bracket) => {
      const own = settings.slice(configuration, configuration + bracket.sizes[0]);
      const climbed = climb(bracket, own, results, { configuration, probe });
      configuration += bracket.sizes[0];
      probe += bracketSize(bracket).probes;
      return climbed;
    });
    const probes = climbs.flatMap((climbed) => climbed.probes);
    const ended = climbs.every((climbed) => climbed.ended);
    return { probes, done: ended ? { best: bestOnRungs(probes, results) } : null };
  },
  most(study: Study, options) {
    const sizes = hyperbandBrackets(study.steps, options).map(bracketSize);
    return {
      probes: sizes.reduce((sum, { probes }) => sum + probes, 0),
      steps: sizes.reduce((sum, { steps }) => sum + steps, 0),
    };
  },
};
