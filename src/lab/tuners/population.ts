import { z } from 'zod';
import { quantile } from '../../optim/hyper.ts';
import { fillRandom } from '../../runtime/random.ts';
import { drawSettings, type SearchSpace } from '../search/search.ts';
import { bestOf, inOrder } from './best.ts';
import { quantileOf } from './grid.ts';
import { methodOption } from './successive-halving.ts';
import type { Advice, Probe, Result, Results, Study, Tuner } from './tuner.ts';

const options = z.strictObject({
  population: z.int().min(2).max(1000).default(10).describe('Members that train side by side.'),
  generations: z
    .int()
    .min(1)
    .max(1000)
    .default(10)
    .describe('Parts of equal length that a whole run is cut into; between two of them members may copy others.'),
  exploit: z
    .enum(['truncation', 'tournament'])
    .default('truncation')
    .describe(
      "'truncation': the worst copy one of the best. 'tournament': each copies another one, drawn at random, that is better.",
    ),
  share: z
    .number()
    .gt(0)
    .max(0.5)
    .default(0.2)
    .describe('Of truncation: the share of members that count as worst, and as best.'),
  copyValues: z
    .boolean()
    .default(true)
    .describe('Copy the hyperparameters too; otherwise parameters and optimizer state only.'),
  explore: z
    .enum(['multiply', 'add'])
    .default('multiply')
    .describe(
      "How copied values change. 'multiply': times 0.8 or 1.2 (1 - value, for momenta). 'add': a step in the tuning range.",
    ),
  factors: z
    .tuple([z.number().gt(0).lt(1), z.number().gt(1).max(100)])
    .default([0.8, 1.2])
    .describe('What multiplying multiplies by.'),
  step: z
    .number()
    .gt(0)
    .max(1)
    .default(0.1)
    .describe('The largest step of adding, as a share of the tuning range on its scale.'),
  resample: z
    .number()
    .min(0)
    .max(1)
    .default(0.25)
    .describe('Chance that a copied value is drawn anew from its tuning range instead.'),
  method: methodOption,
});

export type PopulationOptions = z.infer<typeof options>;

/**
 * Population-based training: members train side by side; after each part of the run the bad ones go on from the parameters of better ones
 * (exploit), with hyperparameters near theirs (explore). Every member waits for all others at the end of a part, so that the outcome does
 * not depend on which was faster.
 *
 * What it finds is a schedule for each hyperparameter, and its result includes parameters that were chosen on the validation set several
 * times. The setting it hands over is the last one of the member that ended best: a final run trains with it from the beginning, which is
 * a fair test of the setting, but not of the schedule.
 */
export const population: Tuner<PopulationOptions> = {
  kind: 'population',
  summary: 'population-based training: members train side by side, and bad ones go on from better ones',
  source: 'M. Jaderberg et al. (2017), "Population based training of neural networks", arXiv:1711.09846, Algorithm 1',
  options,
  describe: ({ population, generations, exploit }) =>
    `population-based training: ${population} members, ${generations} generations, exploiting by ${exploit}; the setting is the last one of the best member`,
  advise(study, options, results) {
    const { population: count, method } = options;
    return evolve(study, options, drawSettings(study.space, { count, seed: study.seed, method }), results);
  },
  most: (study, { population, generations }) => ({
    probes: population * partsOf(study.steps, generations).length,
    steps: population * study.steps,
  }),
};

/** The steps at which the parts of a run end. A run of fewer steps than parts has a part for each step. */
const partsOf = (steps: number, generations: number): number[] => {
  const count = Math.min(steps, generations);
  return Array.from({ length: count }, (_, g) => Math.round((steps * (g + 1)) / count));
};

type Setting = Probe['values'];

/** The probes of a population that begins with these settings, as far as they are known. */
export function evolve(
  study: Study,
  options: PopulationOptions,
  initial: readonly Setting[],
  results: Results,
): Advice {
  const parts = partsOf(study.steps, options.generations);
  const last = parts.length - 1;
  const keyOf = (member: number, generation: number): string =>
    generation === last ? `${member}` : `${member}@${parts[generation]}`;
  const probes: Probe[] = [];
  let settings = initial;
  let parents: readonly number[] = [];
  for (let generation = 0; ; generation++) {
    const members = settings.map(
      (values, member): Probe => ({
        key: keyOf(member, generation),
        values,
        until: parts[generation],
        ...(generation > 0 && { from: keyOf(parents[member], generation - 1) }),
        ...(generation < last && { keep: true }),
      }),
    );
    probes.push(...members);
    const ended = members.flatMap(({ key }) => results.get(key) ?? []);
    if (ended.length < members.length) return { probes, done: null };
    const alive = ended.some(({ score }) => Number.isFinite(score));
    if (generation === last || !alive) return { probes, done: { best: bestOf(members, results) } };
    const draw = drawer(study.seed, generation);
    parents = exploit(ended, options, draw);
    settings = parents.map((parent, member) =>
      parent === member || !options.copyValues
        ? settings[member]
        : explore(settings[parent], study.space, options, member, draw),
    );
  }
}

/** Independent uniform numbers in [0, 1), as many as asked for, for a member and a purpose. */
type Draw = (purpose: string, member: number, count: number) => Float64Array;

const drawer =
  (seed: number, generation: number): Draw =>
  (purpose, member, count) => {
    const drawn = new Float64Array(count);
    fillRandom(drawn, 'uniform', { seed, stream: `population/${purpose}/${member}`, step: generation });
    return drawn;
  };

/** Whom each member goes on from: itself, or a better one. A member that diverged has nothing to go on from, and always copies. */
function exploit(ended: readonly Result[], { exploit, share }: PopulationOptions, draw: Draw): number[] {
  const ranked = inOrder(ended);
  const place = new Map(ranked.map((member, rank) => [member, rank]));
  const rankOf = (member: number): number => place.get(member) ?? Number.POSITIVE_INFINITY;
  const few = Math.max(1, Math.floor(share * ended.length));
  const best = ranked.slice(0, few);
  return ended.map((_, member) => {
    const [u] = draw('exploit', member, 1);
    const one = best[Math.floor(u * best.length)];
    if (rankOf(member) === Number.POSITIVE_INFINITY) return one;
    if (exploit === 'truncation') return rankOf(member) >= ended.length - few ? one : member;
    const others = ended.length - 1;
    const other = (member + 1 + Math.floor(u * others)) % ended.length;
    return rankOf(other) < rankOf(member) ? other : member;
  });
}

/** Values near those of a better member, within their tuning ranges. */
function explore(
  values: Setting,
  space: SearchSpace,
  { explore, factors, step, resample }: PopulationOptions,
  member: number,
  draw: Draw,
): Setting {
  return Object.fromEntries(
    Object.entries(values).map(([name, value]) => {
      const range = space[name];
      const [anew, u] = draw(`explore/${name}`, member, 2);
      if (anew < resample) return [name, quantile(range, u)];
      const moved =
        explore === 'add'
          ? quantile(range, clamp(quantileOf(range, value) + step * (2 * u - 1), 0, 1))
          : multiply(value, factors[u < 0.5 ? 0 : 1], range.scale);
      return [name, clamp(moved, range.low, range.high)];
    }),
  );
}

const clamp = (value: number, low: number, high: number): number => Math.min(high, Math.max(low, value));

/** A momentum near 1 is told by its distance from 1. */
const multiply = (value: number, factor: number, scale: SearchSpace[string]['scale']): number =>
  scale === 'logOneMinus' ? 1 - (1 - value) * factor : value * factor;
