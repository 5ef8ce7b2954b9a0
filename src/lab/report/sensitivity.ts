import * as Plot from '@observablehq/plot';
import type { TuningRange } from '../../optim/hyper.ts';
import { isLearningRate } from '../../optim/schedules/schedule.ts';
import type { Sensitivity } from '../analysis/score-types.ts';
import { number, plural, quantityName, share } from '../format.ts';

import { evenTicks, logTicks, max, min, powerOfTen, powerTicks } from './axis.ts';
import { colorOf, draw } from './draw.ts';
import type { Html } from './html.ts';
import type { TaskView } from './view.ts';

/** One tuned hyperparameter on one task, over all competitors that tune it. */
export interface HyperGroup {
  readonly hyper: string;
  readonly members: readonly HyperMember[];
}

interface HyperMember {
  readonly label: string;
  readonly range: TuningRange;
  readonly sensitivity: Sensitivity;
}

type Point = Sensitivity['points'][number];

/** By hyperparameter: learning rates first, then what more competitors tune. */
export function hyperGroups({ score }: TaskView): HyperGroup[] {
  const members = score.rows.flatMap(({ competitor: { label, space }, sensitivity }) =>
    sensitivity.flatMap((one) =>
      one.points.length > 0 && space[one.hyper] ? [{ label, range: space[one.hyper], sensitivity: one }] : [],
    ),
  );
  const groups = [...Map.groupBy(members, ({ sensitivity }) => sensitivity.hyper)];
  return groups
    .map(([hyper, own]) => ({ hyper, members: own }))
    .sort(
      (a, b) =>
        Number(isLearningRate(b.hyper)) - Number(isLearningRate(a.hyper)) || b.members.length - a.members.length,
    );
}

/** A picture shows no more dots than these: the best ones, and others evenly from the rest. */
const mostOwn = 300;
const mostOthers = 120;

const thinned = <T>(points: readonly T[], most: number): readonly T[] => {
  const stride = Math.ceil(points.length / most);
  return stride <= 1 ? points : points.filter((_, i) => i % stride === 0);
};

type Ended = Point & { readonly loss: number };
const hasEnded = (point: Point): point is Ended => point.loss !== null && point.loss > 0 && Number.isFinite(point.loss);

/** Where a value of the range lies on its axis: momenta near 1 are drawn over 1 - value. */
const drawn = (range: TuningRange, value: number): number => (range.scale === 'logOneMinus' ? 1 - value : value);

/**
 * Final loss of one competitor's tuning trials over one hyperparameter, the others that tune it in grey. The best is ringed; diverged
 * trials are crosses at the top. All pictures of a group have the same axes.
 */
export function sensitivityCharts(task: TaskView, group: HyperGroup): ReadonlyMap<string, Html> {
  const ended = new Map(group.members.map(({ label, sensitivity }) => [label, sensitivity.points.filter(hasEnded)]));
  const all = group.members.flatMap(({ label, range }) =>
    (ended.get(label) ?? []).map((point) => ({ label, range, ...point })),
  );
  if (all.length === 0) return new Map();
  const losses = all.map(({ loss }) => loss);
  const [low, high] = [min(losses), max(losses)];
  const ceiling = high * (high / low) ** 0.14 * 1.04;
  return new Map(
    group.members.map(({ label, range, sensitivity }) => {
      const alike = group.members.filter((other) => other.range.scale === range.scale);
      const ends = alike.flatMap((other) => [drawn(range, other.range.low), drawn(range, other.range.high)]);
      const values = alike.flatMap((other) => other.sensitivity.points.map(({ value }) => drawn(range, value)));
      const own = ended.get(label) ?? [];
      const best = own.reduce<Ended | null>((a, b) => (a === null || b.loss < a.loss ? b : a), null);
      const others = all.filter((other) => other.label !== label && other.range.scale === range.scale);
      const color = colorOf(task.place(label));
      const diverged = sensitivity.points.filter(({ loss }) => loss === null);
      const x = ({ value }: Point) => drawn(range, value);
      const says =
        `final ${quantityName(task.plan, 'loss')} over ${group.hyper} of ${label}, ${plural(sensitivity.points.length, 'trial')}; ` +
        (best === null ? 'none ended' : `lowest ${number(best.loss)} at ${number(best.value)}`) +
        (diverged.length > 0 ? `, ${diverged.length} diverged` : '') +
        (Number.isFinite(sensitivity.explains) ? `; explains ${share(sensitivity.explains)}` : '');
      const picture = draw(168, says, {
        height: 112,
        marginLeft: 34,
        marginRight: 8,
        marginTop: 10,
        marginBottom: 24,
        style: { background: 'none', overflow: 'visible', fontSize: '11px' },
        x: { label: null, ...hyperAxis(range, [...ends, ...values]) },
        y: { type: 'log', domain: [low / 1.08, ceiling], label: null, grid: true, ...logTicks({ low, high }, 4) },
        marks: [
          Plot.dot(thinned(others, mostOthers), { x, y: 'loss', r: 1.8, fill: 'currentColor', fillOpacity: 0.16 }),
          Plot.dot(thinned(own, mostOwn), {
            x,
            y: 'loss',
            r: own.length > 60 ? 2.2 : 3.2,
            fill: color,
            fillOpacity: 0.9,
          }),
          Plot.dot(best === null ? [] : [best], { x, y: 'loss', r: 6.5, stroke: color, strokeWidth: 1.5 }),
          Plot.dot(thinned(diverged, mostOwn), {
            x,
            y: () => ceiling,
            symbol: 'times',
            r: 3.5,
            stroke: color,
            strokeWidth: 1.8,
          }),
        ],
      });
      return [label, picture] as const;
    }),
  );
}

function hyperAxis({ scale }: TuningRange, values: readonly number[]) {
  const finite = values.filter((value) => Number.isFinite(value) && (scale === 'linear' || value > 0));
  const [low, high] = [min(finite), max(finite)];
  if (scale === 'linear') {
    const room = 0.06 * (high - low) || 1;
    return {
      domain: [low - room, high + room],
      ticks: evenTicks(low, high, 3),
      tickFormat: (tick: number) => number(tick),
    };
  }
  const room = (high / low) ** 0.05 * 1.05;
  const domain = [low / room, high * room];
  const powers = powerTicks(low, high, 4);
  const ticks = powers.length >= 2 ? powers : logTicks({ low: domain[0], high: domain[1] }, 3).ticks;
  if (scale === 'logOneMinus') {
    return { type: 'log' as const, reverse: true, domain, ticks, tickFormat: (tick: number) => number(1 - tick, 6) };
  }
  return {
    type: 'log' as const,
    domain,
    ticks,
    tickFormat: powers.length >= 2 ? powerOfTen : (tick: number) => number(tick),
  };
}
