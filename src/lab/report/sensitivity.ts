import * as Plot from '@observablehq/plot';
import type { TuningRange } from '../../optim/hyper.ts';
import { isLearningRate } from '../../optim/schedules/schedule.ts';
import { quantileOf } from '../analysis/bootstrap.ts';
import type { Sensitivity } from '../analysis/score-types.ts';
import { number, plural, quantityName, share } from '../format.ts';

import { evenTicks, logTicks, max, min, powerOfTen, powerTicks } from './axis.ts';
import { colorOf, draw } from './draw.ts';
import type { Html } from './html.ts';
import { svgDocument } from './svg.ts';
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
 * Final loss of one competitor's tuning trials over one hyperparameter, the others that tune it in grey. The best is ringed; at the top
 * are crosses for diverged trials and triangles for those that ended far above the others. All pictures of a group have the same axes.
 */
export function sensitivityCharts(task: TaskView, group: HyperGroup): ReadonlyMap<string, Html> {
  const ended = new Map(group.members.map(({ label, sensitivity }) => [label, sensitivity.points.filter(hasEnded)]));
  const all = group.members.flatMap(({ label, range }) =>
    (ended.get(label) ?? []).map((point) => ({ label, range, ...point })),
  );
  if (all.length === 0) return new Map();
  const losses = all.map(({ loss }) => loss);
  const [low, high] = [min(losses), reach(losses)];
  const isFar = ({ loss }: Ended): boolean => loss > high;
  const ceiling = high * (high / low) ** 0.14 * 1.04;
  const scales = [...new Set(group.members.map(({ range }) => range.scale))];
  const axes = new Map(
    scales.map((scale) => [scale, hyperAxis(group.members.filter((one) => one.range.scale === scale))]),
  );
  return new Map(
    group.members.map(({ label, range, sensitivity }) => {
      const [far, own] = [true, false].map((is) => (ended.get(label) ?? []).filter((point) => isFar(point) === is));
      const best = own.reduce<Ended | null>((a, b) => (a === null || b.loss < a.loss ? b : a), null);
      const others = all.filter((other) => other.label !== label && other.range.scale === range.scale && !isFar(other));
      const color = colorOf(task.place(label));
      const diverged = sensitivity.points.filter(({ loss }) => loss === null);
      const x = ({ value }: Point) => drawn(range, value);
      const atTop = { x, y: () => ceiling, r: 3.5, stroke: color, strokeWidth: 1.8 };
      const says =
        `final ${quantityName(task.plan, 'loss')} over ${group.hyper} of ${label}, ${plural(sensitivity.points.length, 'trial')}; ` +
        (best === null ? 'none ended' : `lowest ${number(best.loss)} at ${number(best.value)}`) +
        (far.length > 0 ? `, ${far.length} far above the others` : '') +
        (diverged.length > 0 ? `, ${diverged.length} diverged` : '') +
        (Number.isFinite(sensitivity.explains) ? `; explains ${share(sensitivity.explains)}` : '');
      const picture = draw(168, says, {
        height: 112,
        marginLeft: 34,
        marginRight: 8,
        marginTop: 10,
        marginBottom: 24,
        style: { background: 'none', overflow: 'visible', fontSize: '11px' },
        x: { label: null, ...axes.get(range.scale) },
        y: { type: 'log', domain: [low / 1.08, ceiling], label: null, grid: true, ...logTicks({ low, high }, 4) },
        marks: [
          Plot.dot(thinned(others, mostOthers), { x, y: 'loss', r: 1.8, fill: 'currentColor', fillOpacity: 0.16 }),
          Plot.dot(thinned(own, mostOwn), { x, y: 'loss', render: asOnePath(own.length > 60 ? 2.2 : 3.2, color) }),
          Plot.dot(best === null ? [] : [best], { x, y: 'loss', r: 6.5, stroke: color, strokeWidth: 1.5 }),
          Plot.dot(thinned(far, mostOwn), { ...atTop, symbol: 'triangle' }),
          Plot.dot(thinned(diverged, mostOwn), { ...atTop, symbol: 'times' }),
        ],
      });
      return [label, picture] as const;
    }),
  );
}

/**
 * The highest loss that is no outlier: one run that blew up to 1e18 must not press all others into a line. Tukey's outer fence, three times
 * the distance of the quartiles above the upper one, of the logarithms; at least ten times the upper one.
 */
function reach(losses: readonly number[]): number {
  const logs = losses.map(Math.log).sort((a, b) => a - b);
  const [lower, upper] = [quantileOf(logs, 0.25), quantileOf(logs, 0.75)];
  const fence = upper + Math.max(Math.log(10), 3 * (upper - lower));
  return max(losses.filter((loss) => Math.log(loss) <= fence));
}

/** Dots as the round ends of lines without length: one element for hundreds of them, and a page that is a third smaller. */
const asOnePath =
  (radius: number, color: string): Plot.RenderFunction =>
  (index, _, { x = [], y = [] }) => {
    const path = svgDocument.createElementNS('http://www.w3.org/2000/svg', 'path');
    path.setAttribute('d', Array.from(index, (i) => `M${x[i]},${y[i]}h0`).join(''));
    path.setAttribute('stroke', color);
    path.setAttribute('stroke-opacity', '0.9');
    path.setAttribute('stroke-width', String(2 * radius));
    path.setAttribute('stroke-linecap', 'round');
    return path;
  };

/** Around the ranges and the values of all that share it. */
function hyperAxis(members: readonly HyperMember[]) {
  const { scale } = members[0].range;
  const values = members.flatMap(({ range, sensitivity: { points } }) =>
    [range.low, range.high, ...points.map(({ value }) => value)].map((value) => drawn(range, value)),
  );
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
