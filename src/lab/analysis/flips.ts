import type { TaskPlan, Trial } from '../plan.ts';
import { metricOf, type SeedValues } from './ends.ts';
import { tellApart } from './ranks.ts';
import type { RankFlip } from './score-types.ts';

/**
 * Who looked better than a rival and ended worse. Rankings in the middle of a run mislead: a learning rate that has not decayed yet
 * makes a method look worse than it will be (Wen et al. 2025, arXiv:2509.02046). Both orders, that at the end and the earlier one,
 * are known by the rule of ranks.ts. Later flips first.
 *
 * @param finals the final runs of each competitor that finished them all
 */
export function rankFlips(task: TaskPlan, finals: ReadonlyMap<string, readonly Trial[]>): RankFlip[] {
  const labels = [...finals.keys()];
  const curves = labels.map((label) => curvesOf(finals.get(label) ?? [], task.target.metric));
  const last = Math.max(0, ...curves.flatMap((curve) => [...curve.keys()]));
  const steps = [...(curves[0]?.keys() ?? [])]
    .filter((step) => step < last && curves.every((curve) => curve.has(step)))
    .sort((a, b) => b - a);
  if (steps.length === 0 || !curves.every((curve) => curve.has(last))) return [];
  const at = (step: number) => tellApart(curves.map((curve) => curve.get(step) as SeedValues));
  const end = at(last);
  const pairs = labels.flatMap((_, winner) =>
    labels.flatMap((_, loser) => (end.better(winner, loser) ? [{ winner, loser }] : [])),
  );
  const flips = new Map<{ winner: number; loser: number }, number>();
  for (const step of steps) {
    const order = at(step);
    for (const pair of pairs) if (!flips.has(pair) && order.better(pair.loser, pair.winner)) flips.set(pair, step);
  }
  return [...flips].map(([{ winner, loser }, step]) => ({
    winner: labels[winner],
    loser: labels[loser],
    step,
    share: step / last,
  }));
}

/** The metric at every evaluation: by step, then by seed. */
function curvesOf(finals: readonly Trial[], metric: string): ReadonlyMap<number, SeedValues> {
  const curves = new Map<number, Map<number, number>>();
  for (const { plan, outcome } of finals) {
    for (const evaluation of outcome.validation) {
      const values = curves.get(evaluation.step) ?? new Map<number, number>();
      curves.set(evaluation.step, values.set(plan.seed, metricOf(metric, evaluation)));
    }
  }
  return curves;
}
