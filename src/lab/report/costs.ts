import * as Plot from '@observablehq/plot';
import type { OracleCalls } from '../../optim/oracle.ts';
import type { Row } from '../analysis/score-types.ts';
import { type Estimate, estimate } from '../analysis/statistics.ts';
import { isShare, metricName, metricValue, number } from '../format.ts';
import { axisAround, max, min } from './axis.ts';
import { valueAxis } from './curves.ts';
import { type Chart, colorOf, draw, narrowest, symbolOf } from './draw.ts';
import { type Frame, framed, pointLabels } from './labels.ts';
import type { TaskView } from './view.ts';
import { ordered } from './words.ts';

/** Seconds that the steps of a final run took, on average; NaN where none ended. */
export const runSeconds = (task: TaskView, label: string): Estimate =>
  estimate(task.finals(label).map(({ outcome }) => outcome.seconds));

/** What a competitor costs, by one measure. */
export interface Measure {
  /** As the axis says it. */
  readonly label: string;
  /** NaN where it is not known. */
  readonly of: (task: TaskView, row: Row) => number;
}

export const measures: readonly Measure[] = [
  { label: 'seconds of a final run', of: (task, { competitor }) => runSeconds(task, competitor.label).mean },
  { label: 'bytes of state per parameter', of: (_, { cost }) => cost?.stateBytesPerParameter ?? Number.NaN },
  { label: 'oracle calls per step', of: (_, { cost }) => (cost ? callsOf(cost.calls) : Number.NaN) },
];

const callsOf = ({ loss, gradient, hessianVector, perExample }: OracleCalls): number =>
  loss + gradient + hessianVector + perExample;

/**
 * What a run came to over what it took: competitors that nobody beats in both are joined by a line. Null where all cost the same.
 */
export function costChart(task: TaskView, { label: name, of }: Measure): Chart {
  const { metric } = task.plan.target;
  const scale = isShare(metric) ? 100 : 1;
  const points = task.score.rows
    .map((row) => ({
      label: row.competitor.label,
      ranked: row.rank !== null,
      place: task.place(row.competitor.label),
      x: of(task, row),
      y: scale * row.validation.mean,
      low: scale * (row.validation.mean - row.validation.halfWidth),
      high: scale * (row.validation.mean + row.validation.halfWidth),
    }))
    .filter(({ x, y }) => Number.isFinite(x) && Number.isFinite(y));
  // Who diverged on a seed may have a good mean over the others; it beats nobody.
  const ranked = points.filter((point) => point.ranked);
  const front = ranked
    .filter(({ x, y }) => !ranked.some((other) => other.x <= x && other.y <= y && (other.x < x || other.y < y)))
    .sort((a, b) => a.x - b.x);
  const says =
    `${metricName(task.plan)} at the end over ${name}; nobody is both cheaper and better than ` +
    `${ordered(
      front.map(({ label, x, y }) => ({
        label,
        value: x,
        text: `at ${number(x)} with ${metricValue(metric, y / scale)}`,
      })),
      { first: 'cheapest first', last: 'dearest' },
    )}`;
  return (width) => {
    const xs = points.map(({ x }) => x);
    if (points.length === 0 || (points.length > 1 && max(xs) === min(xs))) return null;
    const narrow = width < narrowest;
    const ys = points.map(({ y }) => y);
    const spans = max(ys) - min(ys);
    const near = (value: number) => Math.min(max(ys) + 0.4 * spans, Math.max(min(ys) - 0.4 * spans, value));
    const frame: Frame = {
      width,
      height: narrow ? 290 : 320,
      left: 44,
      right: 16,
      top: 24,
      bottom: 38,
      x: axisAround(xs, { log: min(xs) > 0 && max(xs) > 3 * min(xs), room: 0.12 }),
      y: axisAround(
        [
          ...ys,
          ...points
            .flatMap(({ low, high }) => [low, high])
            .filter(Number.isFinite)
            .map(near),
        ],
        {
          log: min(ys) > 0 && max(ys) > 3 * min(ys),
          room: 0.08,
        },
      ),
    };
    return draw(width, says, {
      ...framed(frame),
      x: {
        ...valueAxis(frame.x, narrow ? 5 : 8),
        label: name,
        labelAnchor: 'center',
        labelArrow: 'none',
        grid: true,
      },
      y: {
        ...valueAxis(frame.y),
        label: `${metricName(task.plan)}${scale === 100 ? ' (%)' : ''}`,
        labelArrow: 'none',
        grid: true,
      },
      marks: [
        Plot.line(front, { x: 'x', y: 'y', stroke: 'currentColor', strokeOpacity: 0.35, strokeDasharray: '3,3' }),
        Plot.ruleX(
          points.filter(({ low, high }) => high > low),
          {
            x: 'x',
            y1: ({ low }) => Math.max(low, frame.y.low),
            y2: ({ high }) => Math.min(high, frame.y.high),
            stroke: ({ place }) => colorOf(place),
            strokeWidth: 4,
            strokeOpacity: 0.28,
          },
        ),
        Plot.dot(points, {
          x: 'x',
          y: 'y',
          r: 5,
          fill: ({ place }) => colorOf(place),
          symbol: ({ place }: { readonly place: number }) => symbolOf(place),
        }),
        ...pointLabels(frame, points),
      ],
      color: { type: 'identity' },
      symbol: { type: 'identity' },
    } as Plot.PlotOptions);
  };
}
