import * as Plot from '@observablehq/plot';
import { isShare, metricName } from '../format.ts';
import type { RaceResult } from '../result.ts';
import { endOf, metricOf } from '../score.ts';
import { colorOf, draw, finalRuns, indexOf, logTicks, narrowest } from './draw.ts';

interface ForestRow {
  readonly label: string;
  readonly index: number;
  readonly points: readonly number[];
  readonly mean: number;
  readonly halfWidth: number;
}

interface Axis {
  readonly type: 'linear' | 'log';
  readonly low: number;
  readonly high: number;
}

/** From zero to a little beyond the last point. */
const fromZero = (rows: readonly ForestRow[]): Axis => ({
  type: 'linear',
  low: 0,
  high: 1.04 * Math.max(...rows.flatMap(({ points }) => points)),
});

/** Around the points, and their intervals as far as those do not flatten the picture; logarithmic where the points lie far apart. */
function aroundPoints(rows: readonly ForestRow[]): Axis {
  const points = rows.flatMap((row) => row.points);
  const [least, most] = [Math.min(...points), Math.max(...points)];
  if (least > 0 && most / least > 4) return { type: 'log', low: least / 1.25, high: most * 1.25 };
  const room = 0.6 * Math.max(most - least, 0.05 * Math.abs(most));
  const bars = rows.flatMap(({ mean, halfWidth }) =>
    Number.isFinite(halfWidth) ? [mean - halfWidth, mean + halfWidth] : [mean],
  );
  return {
    type: 'linear',
    low: Math.max(least - room, Math.min(least - 0.05 * room, ...bars)),
    high: Math.min(most + room, Math.max(most + 0.05 * room, ...bars)),
  };
}

/** One line for each competitor: every seed a ring, the mean a dot, its 95% interval a bar. */
function forest(all: readonly ForestRow[], label: string, width: number, axisOf: (rows: readonly ForestRow[]) => Axis) {
  const rows = all.filter(({ points }) => points.length > 0);
  if (rows.length === 0) return null;
  const { type, low, high } = axisOf(rows);
  const narrow = width < narrowest;
  const longest = Math.max(...rows.map((row) => row.label.length));
  const within = (x: number) => Math.min(high, Math.max(low, x));
  const color = ({ index }: { readonly index: number }) => colorOf(index);
  return draw(width, label, {
    height: 44 + 28 * rows.length,
    marginLeft: Math.min(narrow ? 130 : 170, 16 + 6.6 * longest),
    marginRight: 20,
    marginTop: 8,
    marginBottom: 36,
    x: {
      type,
      label,
      domain: [low, high],
      grid: true,
      labelAnchor: 'center',
      labelArrow: 'none',
      ...(type === 'log' ? logTicks([low, high], narrow ? 4 : 7) : { ticks: narrow ? 4 : 6 }),
    },
    y: { label: null, domain: rows.map((row) => row.label), tickSize: 0, padding: 0.4 },
    marks: [
      Plot.ruleY(
        rows.filter(({ halfWidth }) => halfWidth > 0),
        {
          y: 'label',
          x1: (row: ForestRow) => within(row.mean - row.halfWidth),
          x2: (row: ForestRow) => within(row.mean + row.halfWidth),
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
}

/** The target's metric at the end of the final runs, for each competitor. */
export function endChart(result: RaceResult, width: number): string | null {
  const { metric } = result.protocol.target;
  const scale = isShare(metric) ? 100 : 1;
  const rows = result.rows.map((row) => ({
    label: row.competitor.label,
    index: indexOf(result, row.competitor.label),
    points: finalRuns(result, row.competitor.label).flatMap((trial) => {
      const end = endOf(trial);
      return end ? [scale * metricOf(metric, end)] : [];
    }),
    mean: scale * row.validation.mean,
    halfWidth: scale * row.validation.halfWidth,
  }));
  return forest(rows, `${metricName(result.protocol)}${scale === 100 ? ' (%)' : ''} at the end`, width, aroundPoints);
}

/** Steps or seconds to the target, for each competitor that met it. */
export function targetChart(result: RaceResult, unit: 'steps' | 'seconds', width: number): string | null {
  const rows = result.rows.map((row) => ({
    label: row.competitor.label,
    index: indexOf(result, row.competitor.label),
    points: finalRuns(result, row.competitor.label).flatMap(({ outcome: { targetReached } }) =>
      targetReached ? [unit === 'steps' ? targetReached.step : targetReached.seconds] : [],
    ),
    mean: row.toTarget[unit].mean,
    halfWidth: Number.NaN,
  }));
  const sorted = [...rows].sort((a, b) => a.mean - b.mean);
  return forest(sorted, `${unit} to the target`, width, fromZero);
}
