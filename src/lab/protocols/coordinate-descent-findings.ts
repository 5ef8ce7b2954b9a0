import { commonValues, nearlyBest } from '../analysis/scale-insensitive.ts';
import { fitScalingLaw, type ScalePoint } from '../analysis/scaling-law.ts';
import { type SpeedUp, speedUps } from '../analysis/speed-up.ts';
import { nothing, number } from '../format.ts';
import type { CompetitorPlan, RacePlan, TaskPlan, Trial, Values } from '../plan.ts';
import type { Finding } from './protocol.ts';

/** What coordinate descent came to for a competitor at a scale; null values when it found nothing. */
export interface Optimum {
  readonly task: TaskPlan;
  readonly competitor: CompetitorPlan;
  readonly values: Values | null;
}

/** `optima` are those of the scales that were tuned; settings within `tolerance` of the best loss count as good as it. */
export const scaleFindings = (
  race: RacePlan,
  tolerance: number,
  optima: readonly Optimum[],
  trials: readonly Trial[],
): readonly Finding[] => {
  const rows = hyperRows(race, tolerance, optima, trials);
  const laws = rows.filter(({ common }) => common?.length === 0);
  return [
    speedUpFinding(race, trials),
    ...(rows.length > 0 ? [valuesFinding(tolerance, optima, rows)] : []),
    ...(laws.length > 0 ? [lawFinding(laws)] : []),
  ];
};

const left = (head: string) => ({ head, align: 'left' }) as const;
const right = (head: string) => ({ head, align: 'right' }) as const;

function speedUpFinding(race: RacePlan, trials: readonly Trial[]): Finding {
  return {
    title: `Speed-up over ${race.baseline}, in data`,
    note: `For each model size, L(D) = alpha D^-B + beta is fitted to the losses of ${race.baseline} at its amounts of data D. A speed-up of 1.3 means that ${race.baseline} would need 1.3 times the data to reach the loss that this optimizer reached. Intervals are over ${race.finalSeeds.length} seeds, by Student's t with the fit; they say nothing of whether the law holds between the amounts of data that were run. No number is stated beyond twice the data that was run.`,
    columns: [
      left('size'),
      right('data'),
      left('optimizer'),
      right('validation loss'),
      right('speed-up'),
      left('95% interval'),
    ],
    rows: speedUps(race, trials).map(({ competitor, task, loss, ...speedUp }) => [
      task.scale?.size ?? nothing,
      `${number(task.scale?.ratio ?? Number.NaN)}×`,
      competitor,
      Number.isFinite(loss.halfWidth) ? `${number(loss.mean, 4)} ± ${number(loss.halfWidth, 2)}` : number(loss.mean, 4),
      speedUp.value === null ? nothing : `${speedUp.value.toFixed(2)}×`,
      intervalText(speedUp),
    ]),
  };
}

function intervalText({ low, high, why }: Pick<SpeedUp, 'low' | 'high' | 'why'>): string {
  if (why !== null) return why;
  if (low === Number.POSITIVE_INFINITY) return 'beyond any data';
  return high === Number.POSITIVE_INFINITY ? `${low.toFixed(2)} or more` : `${low.toFixed(2)} to ${high.toFixed(2)}`;
}

interface HyperRow {
  readonly competitor: CompetitorPlan;
  readonly hyper: string;
  /** One for each tuned scale: the chosen value, and all that are as good. */
  readonly scales: readonly { readonly task: TaskPlan; readonly value: number; readonly good: readonly number[] }[];
  /** Values that are good at every scale; null with one scale only, where that says nothing, and where a scale has no sound trial. */
  readonly common: readonly number[] | null;
}

const hyperRows = (
  { competitors }: RacePlan,
  tolerance: number,
  optima: readonly Optimum[],
  trials: readonly Trial[],
): HyperRow[] =>
  competitors.flatMap((competitor) => {
    const own = optima.filter((optimum) => optimum.competitor === competitor);
    const sets = own.map(({ task }) => {
      const tuning = trials.filter(
        ({ plan }) => plan.phase === 'tune' && plan.task === task.label && plan.competitor === competitor.label,
      );
      return nearlyBest(tuning, tolerance);
    });
    const isComplete = sets.length > 1 && sets.every((set) => set.length > 0);
    return Object.keys(competitor.space).map((hyper) => ({
      competitor,
      hyper,
      scales: own.map(({ task, values }, i) => ({
        task,
        value: Number(values?.[hyper] ?? Number.NaN),
        good: commonValues(hyper, [sets[i]]),
      })),
      common: isComplete ? commonValues(hyper, sets) : null,
    }));
  });

const valuesFinding = (tolerance: number, optima: readonly Optimum[], rows: readonly HyperRow[]): Finding => ({
  title: 'Best values at each scale',
  note: `What coordinate descent came to; in brackets the other values that were in a setting within ${number(tolerance)} of the lowest loss. A hyperparameter is insensitive to scale when one value is among these at every scale. That is a statement about the values that were tried, on one tuning seed.`,
  columns: [
    left('optimizer'),
    left('hyperparameter'),
    ...[...new Set(optima.map(({ task }) => task.label))].map(right),
    left('scale'),
  ],
  rows: rows.map(({ competitor, hyper, scales, common }) => [
    competitor.label,
    hyper,
    ...scales.map(({ value, good }) => {
      const others = good.filter((one) => one !== value).map((one) => number(one));
      return others.length === 0 ? number(value) : `${number(value)} (${others.join(', ')})`;
    }),
    common === null
      ? nothing
      : common.length === 0
        ? 'sensitive'
        : `insensitive: ${common.map((one) => number(one)).join(', ')}`,
  ]),
});

const lawFinding = (rows: readonly HyperRow[]): Finding => ({
  title: 'How the best values scale',
  note: 'h(N, D) = a N^-A D^-B + b, by least squares, for the hyperparameters that are sensitive to scale: N is the number of parameters, D the amount of data as a multiple of the least. It was not used to choose any value here. Values on a coarse grid leave it loosely determined.',
  columns: [left('optimizer'), left('hyperparameter'), left('law')],
  rows: rows.map(({ competitor, hyper, scales }) => {
    const points = scales.flatMap(({ task, value }): ScalePoint[] =>
      Number.isFinite(value) && task.scale ? [{ size: task.parameters, data: task.scale.ratio, value }] : [],
    );
    const law = fitScalingLaw(points);
    if (typeof law === 'string') return [competitor.label, hyper, `no law: ${law}`];
    const { a, sizeExponent, dataExponent, b } = law;
    return [
      competitor.label,
      hyper,
      `${number(a)} N^${number(-sizeExponent)} D^${number(-dataExponent)} ${b < 0 ? '-' : '+'} ${number(Math.abs(b))}`,
    ];
  }),
});
