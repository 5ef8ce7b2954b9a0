import { where } from '../../tensor/functions.ts';
import type { Tensor } from '../../tensor/tensor.ts';
import { choice, flag, fraction, type HyperSpec, linear as linearly, positive, unit } from '../hyper.ts';
import type { SymbolicHypers } from '../optimizer.ts';
import { defineSchedule, type ScheduleContext } from './schedule.ts';

const hyper = {
  rise: fraction(0.3, { tune: linearly(0.1, 0.5), doc: 'share of the run in which the rate rises' }),
  div: positive(25, { doc: 'the first rate is 1 / div of the peak' }),
  finalDiv: positive(1e4, { doc: 'the last rate is 1 / finalDiv of the first' }),
  anneal: choice('cosine', ['cosine', 'linear'], 'shape of each phase'),
  threePhase: flag(false, 'fall to the first rate as long as it rose, then to the last'),
  cycleMomentum: flag(true, 'move the momentum (or beta1) of the base against the rate, where it is in use'),
  baseMomentum: unit(0.85, { doc: 'momentum at the peak of the rate' }),
  maxMomentum: unit(0.95, { doc: 'momentum at both ends' }),
  boundaries: choice(
    'pytorch',
    ['pytorch', 'optax'],
    'pytorch: the last step has the last rate; optax: one step later',
  ),
} satisfies HyperSpec;

/** Goes from point to point, [step, value], in phases; the last value stays. */
function interpolate(s: Tensor, points: readonly (readonly [at: Tensor, value: Tensor])[], form: 'cosine' | 'linear') {
  const phases = points.slice(1).map(([end, b], i) => {
    const [start, a] = points[i];
    // A phase without a step would divide 0 by 0; it is never looked at but at its end.
    const share = where(end.gt(start), s.sub(start).div(where(end.gt(start), end.sub(start), 1)), 1).clip(0, 1);
    const part = form === 'cosine' ? share.mul(Math.PI).cos().neg().add(1).mul(0.5) : share;
    return { end, value: a.add(b.sub(a).mul(part)) };
  });
  return phases.slice(0, -1).reduceRight((rest, { end, value }) => where(s.le(end), value, rest), phases[phases.length - 1].value); // biome-ignore format: one line
}

/** Ends of the phases, in steps done, and whether the rate is at its 'first', 'peak' or 'last' there. */
function phases({ horizon, hyper: { rise, threePhase, boundaries } }: ScheduleContext<SymbolicHypers<typeof hyper>>) {
  const optax = boundaries === 'optax';
  const at = (share: Tensor, back: number) =>
    optax ? share.mul(horizon).add(1e-9).floor() : share.mul(horizon).sub(back);
  const ends = [at(rise, 1), ...(threePhase ? [at(rise.mul(2), 2)] : []), optax ? horizon : horizon.sub(1)];
  return [horizon.mul(0), ...ends];
}

/**
 * One-cycle: up from a small rate to the peak, then down to almost nothing, the momentum going the other way. Smith & Topin 2018,
 * arXiv:1708.07120; the form is that of PyTorch's `OneCycleLR`, s steps being done:
 *
 *   1 / div -> 1 until s = rise T - 1 (a real number, not rounded),  1 -> 1 / (div finalDiv) until s = T - 1
 *   threePhase: 1 / div -> 1,  1 -> 1 / div until 2 rise T - 2,  1 / div -> 1 / (div finalDiv)
 *
 * Each phase is half a cosine, or linear. Momentum goes maxMomentum -> baseMomentum -> maxMomentum in the same phases; it replaces the base's
 * `momentum` or `beta1`, where that is not switched off. boundaries 'optax': phases end at the whole steps floor(rise T) and T, so that the
 * peak is one step later and the last rate is that of a step after the run. Beyond the horizon the last rate stays (PyTorch raises an error).
 * A phase shorter than a step is passed over (PyTorch divides by zero at rise T = 1).
 */
export const oneCycle = defineSchedule({
  id: 'one-cycle',
  summary: 'one rise and one fall, momentum the other way',
  source: 'Smith & Topin 2018, arXiv:1708.07120; PyTorch OneCycleLR',
  hyper,
  check: ({ rise, threePhase, baseMomentum, maxMomentum }) => {
    if (threePhase && rise > 0.5) return `rise is ${rise}; with threePhase it must lie in [0, 0.5]`;
    return baseMomentum > maxMomentum
      ? `baseMomentum is ${baseMomentum}; it must lie in [0, maxMomentum], [0, ${maxMomentum}]`
      : null;
  },
  multiplier(context) {
    const { t, hyper: values } = context;
    const first = values.div.reciprocal();
    const last = first.div(values.finalDiv);
    const levels = [first, first.mul(0).add(1), ...(values.threePhase ? [first] : []), last];
    const ends = phases(context);
    return interpolate(
      t.sub(1),
      ends.map((end, i) => [end, levels[i]] as const),
      values.anneal,
    );
  },
  momentum(context) {
    const { t, hyper: values } = context;
    if (!values.cycleMomentum) return undefined;
    const { maxMomentum, baseMomentum } = values;
    const ends = phases(context);
    const levels = ends.map((_, i) => (i === 1 ? baseMomentum : maxMomentum));
    return interpolate(
      t.sub(1),
      ends.map((end, i) => [end, levels[i]] as const),
      values.anneal,
    );
  },
});
