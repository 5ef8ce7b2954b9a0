import { z } from 'zod';
import { defaultSearch, drawSettings, searchMethods } from '../search/search.ts';
import { bestOf } from './best.ts';
import type { Tuner } from './tuner.ts';

const options = z.strictObject({
  trials: z.int().min(1).max(10_000).default(12).describe('Settings that are tried, each with the whole budget.'),
  method: z.enum(searchMethods).default(defaultSearch).describe('Point set that the settings are drawn from.'),
});

export type QuasiRandomOptions = z.infer<typeof options>;

/**
 * Settings at points that fill the tuning ranges evenly, each run to the end. It looks at no result before all are there, so its trials
 * may run in any number at once, and what it finds is an honest sample of what tuning with less effort would have found.
 */
export const quasiRandom: Tuner<QuasiRandomOptions> = {
  kind: 'quasi-random',
  summary: 'settings that fill the tuning ranges evenly, each at the whole budget',
  source:
    'J. Bergstra and Y. Bengio (2012), "Random search for hyper-parameter optimization", JMLR 13; O. Bousquet et al. (2017), "Critical hyper-parameters: no random, no cry", arXiv:1706.03200',
  options,
  describe: ({ trials, method }) => `${trials} ${trials === 1 ? 'setting' : 'settings'} (${pointSets[method]})`,
  advise(study, { trials, method }, results) {
    const settings = drawSettings(study.space, { count: trials, seed: study.seed, method });
    const probes = settings.map((values, index) => ({ key: `${index}`, values, until: study.steps }));
    const done = probes.every(({ key }) => results.has(key));
    return { probes, done: done ? { best: bestOf(probes, results) } : null };
  },
  most: (study, { trials }) => ({ probes: trials, steps: trials * study.steps }),
};

const pointSets: { readonly [K in QuasiRandomOptions['method']]: string } = {
  halton: 'shifted Halton points',
  sobol: 'scrambled Sobol points',
  'shifted-sobol': 'shifted Sobol points',
  algoperf: "quasi-random points of AlgoPerf's generator",
  random: 'independent random points',
};
