import * as Plot from '@observablehq/plot';
import { metricOf } from '../analysis/ends.ts';
import { mean } from '../analysis/statistics.ts';
import { isShare, metricValue, plural, quantityName, whole } from '../format.ts';
import type { Trial } from '../plan.ts';
import { type Axis, axisAround, evenTicks, logTicks, max } from './axis.ts';
import { bands, type Chart, draw, lines, narrowest } from './draw.ts';
import { endLabels, type Frame, framed, roomForNames } from './labels.ts';
import type { TaskView } from './view.ts';
import { ordered } from './words.ts';

export interface Curve {
  readonly label: string;
  readonly place: number;
  readonly points: readonly CurvePoint[];
}

export interface CurvePoint {
  readonly step: number;
  readonly mean: number;
  readonly low: number;
  readonly high: number;
}

/** Validation loss or metric of each competitor's final runs, in the order of the ranking: mean, lowest and highest over seeds. */
export const curvesOf = (task: TaskView, quantity: string): Curve[] =>
  task.score.rows
    .map(({ competitor: { label } }) => ({
      label,
      place: task.place(label),
      points: curve(task.finals(label), ({ outcome }, at) => metricOf(quantity, outcome.validation[at])),
    }))
    .filter(({ points }) => points.length > 0);

function curve(runs: readonly Trial[], read: (trial: Trial, at: number) => number): CurvePoint[] {
  const shortest = Math.min(...runs.map(({ outcome }) => outcome.validation.length));
  if (!Number.isFinite(shortest)) return [];
  return Array.from({ length: shortest }, (_, at) => {
    const values = runs.map((run) => read(run, at));
    const step = mean(runs.map(({ outcome }) => outcome.validation[at].step));
    return { step, mean: mean(values), low: Math.min(...values), high: Math.max(...values) };
  }).filter((point) => Number.isFinite(point.high));
}

/** Validation loss or metric over steps: the mean of the final runs, and the band between the best and the worst seed. */
export function curveChart(task: TaskView, quantity: string): Chart {
  const curves = curvesOf(task, quantity);
  const scale = isShare(quantity) ? 100 : 1;
  const { target } = task.plan;
  const goal = target.metric === quantity ? [scale * target.value] : [];
  const points = curves.flatMap((one) => one.points);
  const says =
    `${quantityName(task.plan, quantity)} of ${plural(curves.length, 'optimizer')} over ${whole(max(points.map(({ step }) => step)))} ` +
    `steps; ${ordered(
      curves.map(({ label, points: [...all] }) => {
        const value = all[all.length - 1].mean;
        return { label, value, text: metricValue(quantity, value) };
      }),
      { first: 'lowest at the end' },
    )}`;
  return (width) => {
    if (points.length === 0) return null;
    const narrow = width < narrowest;
    const names = curves.map(({ label }) => label);
    const frame: Frame = {
      width,
      height: Math.max(narrow ? 270 : 330, 90 + 16 * curves.length),
      left: 44,
      right: roomForNames(names, width),
      top: 24,
      bottom: 38,
      x: { type: 'linear', low: 0, high: max(points.map(({ step }) => step)) },
      y: axisAround([...points.flatMap(({ low, high }) => [scale * low, scale * high]), ...goal], { log: true }),
    };
    const ends = curves.map(({ label, place, points: all }) => {
      const last = all[all.length - 1];
      return { label, place, x: last.step, y: scale * last.mean };
    });
    return draw(width, says, {
      ...framed(frame),
      x: {
        domain: [frame.x.low, frame.x.high],
        label: 'step',
        ticks: evenTicks(0, frame.x.high, narrow ? 4 : 6),
        labelAnchor: 'center',
        labelArrow: 'none',
      },
      y: {
        ...valueAxis(frame.y),
        label: `${quantityName(task.plan, quantity)}${scale === 100 ? ' (%)' : ''}`,
        labelArrow: 'none',
        grid: true,
      },
      marks: [
        Plot.ruleY(goal, { stroke: 'currentColor', strokeDasharray: '2,4', strokeOpacity: 0.8 }),
        Plot.text(goal, {
          y: (d: number) => d,
          text: () => 'target',
          frameAnchor: 'left',
          dx: 4,
          dy: 9,
          fillOpacity: 0.8,
        }),
        bands(
          curves,
          { x: 'step', y1: ({ low }) => scale * low, y2: ({ high }) => scale * high },
          curves.length > 10 ? 0.07 : 0.13,
        ),
        ...lines(curves, { x: 'step', y: (point) => scale * point.mean }),
        ...endLabels(frame, ends),
      ],
      color: { type: 'identity' },
    });
  };
}

/** Scale, ticks and their format of an axis of values. */
export const valueAxis = (axis: Axis, most = 8) => ({
  type: axis.type,
  domain: [axis.low, axis.high],
  ...(axis.type === 'log' ? logTicks(axis, most) : { ticks: evenTicks(axis.low, axis.high, most) }),
});
