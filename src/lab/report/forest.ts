import * as Plot from '@observablehq/plot';
import { endOf, metricOf } from '../analysis/ends.ts';
import { isShare, metricEstimate, metricName, meanRank as rankText, toTarget } from '../format.ts';
import { type Axis, max, min } from './axis.ts';
import { valueAxis } from './curves.ts';
import { type Chart, colorOf, draw, narrowest, shorten } from './draw.ts';
import type { TaskView, View } from './view.ts';
import { ordered, type Told } from './words.ts';

interface ForestRow {
  readonly label: string;
  readonly place: number;
  readonly points: readonly number[];
  readonly mean: number;
  /** The 95% interval of the mean; NaN where there is none. */
  readonly low: number;
  readonly high: number;
}

/** From zero to a little beyond the last point. */
const fromZero = (rows: readonly ForestRow[]): Axis => ({
  type: 'linear',
  low: 0,
  high: 1.04 * max(rows.flatMap(({ points }) => points)) || 1,
});

/** Around the points, and their intervals as far as those do not flatten the picture; logarithmic where the points lie far apart. */
function aroundPoints(rows: readonly ForestRow[]): Axis {
  const points = rows.flatMap((row) => row.points);
  const [least, most] = [min(points), max(points)];
  if (least > 0 && most / least > 4) return { type: 'log', low: least / 1.25, high: most * 1.25 };
  const room = 0.6 * Math.max(most - least, 0.05 * Math.abs(most)) || 1;
  const bars = rows.flatMap(({ mean, low, high }) => (Number.isFinite(low + high) ? [low, high] : [mean]));
  return {
    type: 'linear',
    low: Math.max(least - room, Math.min(least - 0.05 * room, min(bars))),
    high: Math.min(most + room, Math.max(most + 0.05 * room, max(bars))),
  };
}

/** One line for each competitor: every point a ring, the mean a dot, its 95% interval a bar. */
function forest(
  given: readonly ForestRow[],
  label: string,
  says: string,
  axisOf: (rows: readonly ForestRow[]) => Axis,
): Chart {
  const rows = given.filter(({ points }) => points.length > 0);
  return (width) => {
    if (rows.length === 0) return null;
    const axis = axisOf(rows);
    const narrow = width < narrowest;
    const most = narrow ? 15 : 22;
    const longest = Math.min(most, max(rows.map((row) => row.label.length)));
    const within = (x: number) => Math.min(axis.high, Math.max(axis.low, x));
    const color = ({ place }: { readonly place: number }) => colorOf(place);
    return draw(width, says, {
      height: 48 + 27 * rows.length,
      marginLeft: 16 + 6.6 * longest,
      marginRight: 18,
      marginTop: 8,
      marginBottom: 38,
      x: {
        ...valueAxis(axis, narrow ? 5 : 7),
        label,
        grid: true,
        labelAnchor: 'center',
        labelArrow: 'none',
      },
      y: {
        label: null,
        domain: rows.map((row) => row.label),
        tickSize: 0,
        tickFormat: (text: string) => shorten(text, most),
        padding: 0.4,
      },
      marks: [
        Plot.ruleY(
          rows.filter(({ low, high }) => high > low),
          {
            y: 'label',
            x1: ({ low }: ForestRow) => within(low),
            x2: ({ high }: ForestRow) => within(high),
            stroke: color,
            strokeWidth: 6,
            strokeOpacity: 0.28,
          },
        ),
        Plot.dot(
          rows.flatMap(({ points, ...row }) => points.map((x) => ({ ...row, x }))),
          { y: 'label', x: 'x', r: 4, stroke: color, strokeWidth: 1.5, strokeOpacity: 0.9 },
        ),
        Plot.dot(rows, { y: 'label', x: 'mean', r: 4.5, fill: color }),
      ],
      color: { type: 'identity' },
    });
  };
}

/** The target's metric at the end of the final runs, for each competitor. */
export function endChart(task: TaskView): Chart {
  const { metric } = task.plan.target;
  const scale = isShare(metric) ? 100 : 1;
  const rows = task.score.rows.map(({ competitor: { label }, validation: { mean, halfWidth } }) => ({
    label,
    place: task.place(label),
    points: task.finals(label).flatMap((trial) => {
      const end = endOf(trial);
      return end && Number.isFinite(metricOf(metric, end)) ? [scale * metricOf(metric, end)] : [];
    }),
    mean: scale * mean,
    low: scale * (mean - halfWidth),
    high: scale * (mean + halfWidth),
  }));
  const told = task.score.rows.map(({ competitor, validation }) => ({
    label: competitor.label,
    value: validation.mean,
    text: metricEstimate(metric, validation),
  }));
  const label = `${metricName(task.plan)}${scale === 100 ? ' (%)' : ''} at the end`;
  return forest(
    rows,
    label,
    `${metricName(task.plan)} at the end of training with 95% intervals; ${ordered(told)}`,
    aroundPoints,
  );
}

/** Steps or seconds to the target, for each competitor that met it. */
export function targetChart(task: TaskView, unit: 'steps' | 'seconds'): Chart {
  const rows = task.score.rows.map(({ competitor: { label }, toTarget: to }) => ({
    label,
    place: task.place(label),
    points: task
      .finals(label)
      .flatMap(({ outcome: { targetReached } }) =>
        targetReached ? [unit === 'steps' ? targetReached.step : targetReached.seconds] : [],
      ),
    mean: to[unit].mean,
    low: Number.NaN,
    high: Number.NaN,
  }));
  const told: Told[] = task.score.rows
    .filter(({ toTarget: { reached } }) => reached > 0)
    .map((row) => ({ label: row.competitor.label, value: row.toTarget[unit].mean, text: toTarget(row, unit) }));
  const sorted = [...rows].sort((a, b) => a.mean - b.mean);
  return forest(sorted, `${unit} to the target`, `${unit} to the target; ${ordered(told)}`, fromZero);
}

/** Mean place over the tasks: rings are the places on each, by the mean of the metric; those without sound final runs share the last. */
export function rankChart({ result, tasks, place }: View): Chart {
  const given = result.across?.rows ?? [];
  const rows = given.map((row) => ({
    label: row.competitor,
    place: place(row.competitor),
    points: tasks.map((task) => placeOn(task, row.competitor)),
    mean: row.meanRank,
    low: row.low,
    high: row.high,
  }));
  const told = given.map((row) => ({ label: row.competitor, value: row.meanRank, text: rankText(row) }));
  const says = `mean rank over ${tasks.length} tasks with 95% intervals; ${ordered(told)}`;
  return forest(rows, 'rank', says, () => ({
    type: 'linear',
    low: 0.6,
    high: Math.max(2, result.plan.competitors.length) + 0.4,
  }));
}

function placeOn({ score: { rows } }: TaskView, label: string): number {
  const ranked = rows.filter(({ rank }) => rank !== null).length;
  const index = rows.findIndex(({ competitor }) => competitor.label === label);
  return index < ranked ? index + 1 : (ranked + 1 + rows.length) / 2;
}
