import { z } from 'zod';
import { drawSettings } from '../search/search.ts';
import { bestOnRungs, rungProbe, rungSteps } from './rungs.ts';
import { etaOption, methodOption } from './successive-halving.ts';
import type { Advice, Probe, Result, Results, Tuner } from './tuner.ts';

const options = z.strictObject({
  budget: z.number().min(1).max(1000).default(4).describe('Steps of all probes together, in whole runs.'),
  eta: etaOption,
  rungs: z
    .int()
    .min(1)
    .max(10)
    .default(4)
    .describe('Budgets, the whole one among them: the first is eta^(1 - rungs) of it.'),
  workers: z.int().min(1).max(1000).default(4).describe('Virtual workers: so many probes are open at once.'),
  method: methodOption,
});

export type AshaOptions = z.infer<typeof options>;

/**
 * Asynchronous successive halving: nobody waits for a rung to fill. A free worker promotes the best setting that is among the best eta-th
 * of those that ended on its rung, from the highest rung down; where there is none, it begins a new setting on the lowest rung.
 *
 * What is free when would depend on the machine. Here the workers are virtual: a probe takes as many units of time as it has steps, and
 * all decisions are made in that time. So the probes depend on results only, not on the order in which they came in.
 */
export const asha: Tuner<AshaOptions> = {
  kind: 'asha',
  summary: 'asynchronous successive halving: what is among the best of its rung goes on at once',
  source:
    'L. Li et al. (2020), "A system for massively parallel hyperparameter tuning", MLSys, arXiv:1810.05934, Algorithm 2',
  options,
  describe: ({ budget, eta, rungs, workers }) =>
    `ASHA: steps of ${budget} whole ${budget === 1 ? 'run' : 'runs'} in all, ${rungs} rungs, the best in ${eta} of a rung promoted, ${workers} virtual ${workers === 1 ? 'worker' : 'workers'}`,
  advise(study, { budget, eta, rungs, workers, method }, results) {
    const budgets = rungSteps(study.steps, eta, rungs);
    const steps = Math.round(budget * study.steps);
    const count = Math.floor(steps / budgets[0]);
    const settings = drawSettings(study.space, { count, seed: study.seed, method });
    return simulate({ budgets, eta, steps, workers, settings }, results);
  },
  most(study, { budget, eta, rungs }) {
    const [lowest] = rungSteps(study.steps, eta, rungs);
    const steps = Math.round(budget * study.steps);
    return { probes: Math.floor(steps / lowest), steps, fewer: true };
  },
};

interface Simulation {
  readonly budgets: readonly number[];
  readonly eta: number;
  /** All that may be spent. */
  readonly steps: number;
  readonly workers: number;
  readonly settings: readonly Probe['values'][];
}

interface Job {
  readonly configuration: number;
  readonly rung: number;
  /** Virtual time of its end. */
  readonly end: number;
}

/** The virtual workers at work, up to the first decision that needs a result that is not there yet. */
function simulate({ budgets, eta, steps, workers, settings }: Simulation, results: Results): Advice {
  const probes: Probe[] = [];
  /** By rung: probes that ended, in virtual time, and the settings that left for the next rung. */
  const ended: { readonly configuration: number; readonly key: string }[][] = budgets.map(() => []);
  const promoted = budgets.map(() => new Set<number>());
  let begun = 0;
  let spent = 0;
  let running: Job[] = [];

  const costOf = (rung: number): number => budgets[rung] - (budgets[rung - 1] ?? 0);
  const affordable = (rung: number): boolean => spent + costOf(rung) <= steps;

  /** Places, in the order of ending, of the settings on each rung, best first; those that diverged are not among them. */
  const ranked: number[][] = budgets.map(() => []);
  const seen = budgets.map(() => 0);
  const resultOn = (rung: number, place: number): Result | undefined => results.get(ended[rung][place].key);
  /** False while a result is missing. */
  const rank = (rung: number): boolean => {
    for (; seen[rung] < ended[rung].length; seen[rung]++) {
      const result = resultOn(rung, seen[rung]);
      if (!result) return false;
      if (Number.isFinite(result.score)) insert(ranked[rung], seen[rung], (place) => resultOn(rung, place) as Result);
    }
    return true;
  };

  /** What a free worker takes on next; null when there is nothing, and 'unknown' when that depends on a result that is missing. */
  const next = (): Omit<Job, 'end'> | null | 'unknown' => {
    for (let rung = budgets.length - 2; rung >= 0; rung--) {
      const places = Math.floor(ended[rung].length / eta);
      if (places === 0 || !affordable(rung + 1)) continue;
      if (!rank(rung)) return 'unknown';
      for (const place of ranked[rung].slice(0, places)) {
        const { configuration } = ended[rung][place];
        if (!promoted[rung].has(configuration)) return { configuration, rung: rung + 1 };
      }
    }
    return begun < settings.length && affordable(0) ? { configuration: begun, rung: 0 } : null;
  };

  for (let now = 0; ; now = Math.min(...running.map(({ end }) => end))) {
    // Probes that end at one moment are in the order in which they began.
    for (const { configuration, rung } of running.filter(({ end }) => end === now)) {
      ended[rung].push({ configuration, key: rungProbe(budgets, rung, configuration, {}, 0).key });
    }
    running = running.filter(({ end }) => end > now);
    while (running.length < workers) {
      const job = next();
      if (job === 'unknown') return { probes, done: null };
      if (job === null) break;
      const { configuration, rung } = job;
      if (rung === 0) begun++;
      else promoted[rung - 1].add(configuration);
      spent += costOf(rung);
      running.push({ ...job, end: now + costOf(rung) });
      probes.push(rungProbe(budgets, rung, configuration, settings[configuration], probes.length));
    }
    if (running.length === 0) break;
  }
  const done = probes.every(({ key }) => results.has(key));
  return { probes, done: done ? { best: bestOnRungs(probes, results) } : null };
}

/** Puts a place behind all that are as good or better: the order of `inOrder`. */
function insert(order: number[], place: number, resultOf: (place: number) => Result): void {
  const { score, loss } = resultOf(place);
  let low = 0;
  for (let high = order.length; low < high; ) {
    const middle = (low + high) >> 1;
    const other = resultOf(order[middle]);
    if (other.score < score || (other.score === score && other.loss <= loss)) low = middle + 1;
    else high = middle;
  }
  order.splice(low, 0, place);
}
