import { z } from 'zod';
import { bestOf } from './best.ts';
import { evenGrid, nearestIn } from './grid.ts';
import type { Advice, Probe, Results, Study, Tuner } from './tuner.ts';

export const coordinateDescentOptions = z.strictObject({
  delta: z.number().min(0).default(3e-3).describe('A value is taken over when it betters the score by more than this.'),
  points: z.int().min(2).max(100).default(5).describe('Values of a hyperparameter whose grid is not given.'),
  sweeps: z.int().min(1).max(100).default(10).describe('The descent ends after so many sweeps at the latest.'),
});

export type CoordinateDescentOptions = z.infer<typeof coordinateDescentOptions>;

/**
 * Coordinate descent on grids. From the start, snapped to the grids, one hyperparameter after the other is set to the best of its grid
 * values, the others staying as they are, if that betters the score by more than `delta`; until a whole sweep changes nothing, or
 * `sweeps` of them are done. No setting runs twice, and all values of one hyperparameter run at once.
 *
 * Grids are the competitor's, or else `points` values evenly spaced in the quantiles of the tuning range. A start that diverged is left
 * for any value that does not.
 */
export const coordinateDescent: Tuner<CoordinateDescentOptions> = {
  kind: 'coordinate-descent',
  summary: 'one hyperparameter after the other over its grid, until a whole sweep brings nothing',
  source:
    'K. Wen, D. Hall, T. Ma and P. Liang (2025), "Fantastic pretraining optimizers and where to find them", arXiv:2509.02046, phase I',
  options: coordinateDescentOptions,
  describe: ({ delta }) => `coordinate descent on grids, moving where the score got better by more than ${delta}`,
  advise,
  most(study, options) {
    const grids = gridsOf(study, options).map(({ grid }) => grid.length);
    const all = grids.reduce((product, length) => product * length, 1);
    const probes = Math.min(all, 1 + options.sweeps * grids.reduce((sum, length) => sum + length - 1, 0));
    return { probes, steps: probes * study.steps, fewer: true };
  },
};

interface Coordinate {
  readonly name: string;
  readonly grid: readonly number[];
  /** Place of the start in the grid. */
  readonly start: number;
}

const gridsOf = ({ space, start, grids }: Study, { points }: CoordinateDescentOptions): Coordinate[] =>
  Object.entries(space).map(([name, range]) => {
    const grid = grids?.[name] ?? evenGrid(range, points);
    return { name, grid, start: nearestIn(grid, range, start[name]) };
  });

function advise(study: Study, options: CoordinateDescentOptions, results: Results): Advice {
  const coordinates = gridsOf(study, options);
  const probes: Probe[] = [];
  const bySetting = new Map<string, Probe>();
  const probeAt = (places: readonly number[]): Probe => {
    const setting = places.join();
    const known = bySetting.get(setting);
    if (known) return known;
    const values = Object.fromEntries(coordinates.map(({ name, grid }, i) => [name, grid[places[i]]]));
    const probe: Probe = { key: `${probes.length}`, values, until: study.steps };
    bySetting.set(setting, probe);
    probes.push(probe);
    return probe;
  };
  const scoreOf = (probe: Probe): number => results.get(probe.key)?.score ?? Number.NaN;

  let places = coordinates.map(({ start }) => start);
  probeAt(places);
  for (let sweep = 0; sweep < options.sweeps; sweep++) {
    const before = places;
    for (const [i, { grid }] of coordinates.entries()) {
      const line = grid.map((_, place) => places.with(i, place));
      const tried = line.map(probeAt);
      if (tried.some(({ key }) => !results.has(key))) return { probes, done: null };
      const best = bestOf(tried, results);
      // With a start that diverged the gain is infinite; NaN, of two that did, moves nothing.
      if (best && scoreOf(probeAt(places)) - scoreOf(best) > options.delta) places = line[tried.indexOf(best)];
    }
    if (places === before) break;
  }
  const end = probeAt(places);
  if (!results.has(end.key)) return { probes, done: null };
  return { probes, done: { best: Number.isFinite(scoreOf(end)) ? end : null } };
}
