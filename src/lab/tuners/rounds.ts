import { settingAt, unitPoints } from '../search/search.ts';
import { bestOf } from './best.ts';
import type { Advice, Probe, Result, Results, Study } from './tuner.ts';

/**
 * Searches by a model: some quasi-random points first, then rounds of a few points each, every round proposed from the results of all
 * rounds before it. Points lie in the unit cube, one dimension for each hyperparameter: the quantile in its tuning range. A round waits
 * for all of the one before it, so what is proposed depends neither on timing nor on how many trials run at once.
 */
export interface RoundOptions {
  /** Probes in all. */
  readonly trials: number;
  /** Quasi-random ones among them, which come first. */
  readonly startup: number;
  /** Probes in a round. Within a round none knows the results of the others. */
  readonly parallel: number;
}

export type Point = readonly number[];

/** What a model is made from: `results[i]` is how `points[i]` ended. */
export interface History {
  readonly points: readonly Point[];
  readonly results: readonly Result[];
}

/** The next points, `count` of them. A pure function: the same history gives the same points. */
export type Propose = (history: History, count: number, seed: number) => readonly Point[];

/** `identity` tells apart what else the proposals depend on: kind and options of the tuner. */
export function adviseInRounds(
  identity: string,
  study: Study,
  { trials, startup, parallel }: RoundOptions,
  results: Results,
  propose: Propose,
): Advice {
  const dimensions = Object.keys(study.space).length;
  const points: Point[] = [...unitPoints('sobol', Math.min(startup, trials), dimensions, study.seed)];
  const ended: Result[] = [];
  let known = proposalsOf(JSON.stringify([identity, dimensions, study.seed]));
  for (;;) {
    const round = points.slice(ended.length).flatMap((_, i) => results.get(`${ended.length + i}`) ?? []);
    if (ended.length + round.length < points.length) return { probes: probesAt(study, points), done: null };
    ended.push(...round);
    if (points.length >= trials) {
      const probes = probesAt(study, points);
      return { probes, done: { best: bestOf(probes, results) } };
    }
    known = afterRound(known, round);
    known.points ??= propose({ points, results: ended }, Math.min(parallel, trials - points.length), study.seed);
    points.push(...known.points);
  }
}

const probesAt = ({ space, steps }: Study, points: readonly Point[]): Probe[] =>
  points.map((point, i) => ({ key: `${i}`, values: settingAt(space, point), until: steps }));

/**
 * Proposals that were made, by the results they were made from. A tuner is asked again whenever a trial ends, and works out its whole
 * history each time; this only saves making every model again.
 */
interface Proposals {
  points?: readonly Point[];
  readonly after: Map<string, Proposals>;
}

const studies = new Map<string, Proposals>();
const mostStudies = 1000;

function proposalsOf(study: string): Proposals {
  const known = studies.get(study) ?? { after: new Map() };
  // Moves it to the end: the first one is the one that was not asked for longest.
  studies.delete(study);
  studies.set(study, known);
  if (studies.size > mostStudies) studies.delete(studies.keys().next().value as string);
  return known;
}

function afterRound(proposals: Proposals, round: readonly Result[]): Proposals {
  const key = round.map(({ score, loss }) => `${score} ${loss}`).join();
  const known = proposals.after.get(key) ?? { after: new Map() };
  proposals.after.set(key, known);
  return known;
}
