import * as Plot from '@observablehq/plot';
import { parseHTML } from 'linkedom';
import { isShare, metricName } from './format.ts';
import type { Trial } from './protocol.ts';
import type { RaceResult } from './result.ts';
import { endOf, metricOf, type Row } from './score.ts';
import { mean } from './statistics.ts';

/** The charts of the report: SVG text, for a given width. Colours are CSS variables, so that light and dark share one picture. */

const { document } = parseHTML('<!doctype html><html><body></body></html>');

/** Colours differ for this many competitors, then repeat with dashes. */
export const paletteSize = 10;
/** The colour of the competitor at this place of the protocol. */
export const colorOf = (index: number): string => `var(--c${index % paletteSize})`;
const dashOf = (index: number): string | undefined => (index >= paletteSize ? '4,3' : undefined);

function draw(width: number, title: string, options: Plot.PlotOptions): string {
  const svg = Plot.plot({
    document: document as unknown as Document,
    width,
    style: { background: 'none', overflow: 'visible', fontSize: '12px' },
    ...options,
  });
  svg.setAttribute('role', 'img');
  svg.setAttribute('aria-label', title);
  return svg.toString();
}

const finals = ({ trials }: RaceResult, label: string): Trial[] =>
  trials.filter(
    ({ plan, outcome }) => plan.competitor === label && plan.phase === 'final' && outcome.status === 'finished',
  );

const indexOf = ({ protocol }: RaceResult, label: string): number =>
  protocol.competitors.findIndex((competitor) => competitor.label === label);

interface CurvePoint {
  readonly x: number;
  readonly y: number;
  readonly low: number;
  readonly high: number;
}

/** Mean, lowest and highest over seeds at each evaluation. */
function curve(runs: readonly Trial[], read: (trial: Trial, at: number) => number): CurvePoint[] {
  const points = Math.min(...runs.map(({ outcome }) => outcome.validation.length));
  if (!Number.isFinite(points)) return [];
  return Array.from({ length: points }, (_, at) => {
    const values = runs.map((run) => read(run, at));
    const x = mean(runs.map(({ outcome }) => outcome.validation[at].step));
    return { x, y: mean(values), low: Math.min(...values), high: Math.max(...values) };
  });
}

/** Validation loss or metric over steps: mean of the final runs, and the band between the best and the worst seed. */
export function curveChart(result: RaceResult, quantity: string, width: number): string | null {
  const { protocol } = result;
  const scale = isShare(quantity) ? 100 : 1;
  const curves = protocol.competitors.map(({ label }, index) => ({
    index,
    points: curve(finals(result, label), ({ outcome }, at) => scale * metricOf(quantity, outcome.validation[at])),
  }));
  const all = curves.flatMap(({ points }) => points);
  if (all.length === 0) return null;
  const positive = all.every(({ low }) => low > 0);
  const target = protocol.target.metric === quantity ? [scale * protocol.target.value] : [];
  const narrow = width < 450;
  return draw(width, `${metricName(quantity)} over steps`, {
    height: narrow ? 270 : 330,
    marginLeft: 48,
    marginRight: 16,
    x: { label: 'step', ticks: narrow ? 4 : 6, nice: false },
    y: {
      label: `${metricName(quantity)}${scale === 100 ? ' (%)' : ''}`,
      type: positive ? 'log' : 'linear',
      grid: true,
      ...(positive && logTicks([...all.flatMap(({ low, high }) => [low, high]), ...target])),
    },
    marks: [
      Plot.ruleY(target, { stroke: 'currentColor', strokeDasharray: '2,4', strokeOpacity: 0.8 }),
      Plot.text(target, { y: (d: number) => d, text: () => 'target', frameAnchor: 'right', dy: -7, fillOpacity: 0.75 }),
      ...curves.map(({ index, points }) =>
        Plot.areaY(points, { x: 'x', y1: 'low', y2: 'high', fill: colorOf(index), fillOpacity: 0.14 }),
      ),
      ...curves.map(({ index, points }) =>
        Plot.lineY(points, {
          x: 'x',
          y: 'y',
          stroke: colorOf(index),
          strokeWidth: 2,
          ...(dashOf(index) && { strokeDasharray: dashOf(index) }),
        }),
      ),
    ],
  });
}

/** Ticks at 1, 2, 5 times powers of ten, as plain numbers. */
function logTicks(values: readonly number[]): { ticks: number[]; tickFormat: (d: number) => string } {
  const low = Math.min(...values);
  const high = Math.max(...values);
  const ticks: number[] = [];
  const multiples = high / low > 50 ? [1, 2, 5] : [1, 1.5, 2, 3, 4, 5, 7];
  for (let power = Math.floor(Math.log10(low)); power <= Math.ceil(Math.log10(high)); power++) {
    for (const m of high / low > 5000 ? [1] : multiples) {
      const tick = m * 10 ** power;
      if (tick >= low * 0.999 && tick <= high * 1.001) ticks.push(tick);
    }
  }
  return { ticks, tickFormat: (d) => String(Number(d.toPrecision(2))) };
}

interface ForestRow {
  readonly label: string;
  readonly index: number;
  readonly points: readonly number[];
  readonly mean: number;
  readonly halfWidth: number;
}

/** One line for each competitor: every seed a ring, the mean a dot, its 95% interval a bar. */
function forest(rows: readonly ForestRow[], xLabel: string, width: number, fromZero: boolean): string | null {
  const shown = rows.filter(({ points }) => points.length > 0);
  if (shown.length === 0) return null;
  const narrow = width < 450;
  const longest = Math.max(...shown.map(({ label }) => label.length));
  const ends = shown.flatMap(({ points, mean: m, halfWidth }) => [
    ...points,
    ...(Number.isFinite(halfWidth) && !fromZero ? [Math.max(m - halfWidth, 0), m + halfWidth] : []),
  ]);
  // One competitor with a very wide interval must not flatten the others: the axis ends a little beyond the points.
  const widest = Math.max(...shown.flatMap(({ points }) => points));
  const spread = widest - Math.min(...shown.flatMap(({ points }) => points));
  const high = fromZero ? widest * 1.04 : Math.min(Math.max(...ends), widest + Math.max(spread, widest * 0.05) * 0.6);
  const low = fromZero
    ? 0
    : Math.max(
        Math.min(...ends),
        Math.min(...shown.flatMap(({ points }) => points)) - Math.max(spread, widest * 0.05) * 0.6,
      );
  const intervals = shown.filter(({ halfWidth }) => Number.isFinite(halfWidth) && halfWidth > 0 && !fromZero);
  return draw(width, xLabel, {
    height: 44 + 28 * shown.length,
    marginLeft: Math.min(narrow ? 130 : 170, 16 + 6.6 * longest),
    marginRight: 20,
    marginTop: 8,
    marginBottom: 36,
    x: {
      label: xLabel,
      domain: [low, high],
      clamp: true,
      grid: true,
      ticks: narrow ? 4 : 6,
      labelAnchor: 'center',
      labelArrow: 'none',
    },
    y: { label: null, domain: shown.map(({ label }) => label), tickSize: 0, padding: 0.4 },
    marks: [
      Plot.ruleY(intervals, {
        y: 'label',
        x1: (d: ForestRow) => d.mean - d.halfWidth,
        x2: (d: ForestRow) => d.mean + d.halfWidth,
        stroke: (d: ForestRow) => colorOf(d.index),
        strokeWidth: 6,
        strokeOpacity: 0.28,
        strokeLinecap: 'butt',
      }),
      Plot.dot(
        shown.flatMap(({ label, index, points }) => points.map((x) => ({ label, index, x }))),
        { y: 'label', x: 'x', r: 4, stroke: (d: ForestRow) => colorOf(d.index), strokeWidth: 1.5, strokeOpacity: 0.9 },
      ),
      Plot.dot(shown, { y: 'label', x: 'mean', r: 4.5, fill: (d: ForestRow) => colorOf(d.index) }),
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
    points: finals(result, row.competitor.label).flatMap((trial) => {
      const end = endOf(trial);
      return end ? [scale * metricOf(metric, end)] : [];
    }),
    mean: scale * row.validation.mean,
    halfWidth: scale * row.validation.halfWidth,
  }));
  return forest(rows, `${metricName(metric)}${scale === 100 ? ' (%)' : ''} at the end`, width, false);
}

/** Steps or seconds to the target, for each competitor that met it. */
export function targetChart(result: RaceResult, unit: 'steps' | 'seconds', width: number): string | null {
  const rows = result.rows.map((row) => ({
    label: row.competitor.label,
    index: indexOf(result, row.competitor.label),
    points: finals(result, row.competitor.label).flatMap(({ outcome: { targetReached } }) =>
      targetReached ? [unit === 'steps' ? targetReached.step : targetReached.seconds] : [],
    ),
    mean: row.toTarget[unit].mean,
    halfWidth: Number.NaN,
  }));
  const sorted = [...rows].sort((a, b) => a.mean - b.mean);
  return forest(sorted, `${unit} to the target`, width, true);
}

/** Final loss of the tuning trials over the learning rate, the other competitors in grey. Diverged trials are crosses at the top. */
export function sensitivityChart(result: RaceResult, row: Row, width: number): string | null {
  if (row.sensitivity.points.length === 0) return null;
  const everyone = result.rows.flatMap(({ sensitivity }) => sensitivity.points);
  const losses = everyone.flatMap(({ loss }) => (loss !== null && loss > 0 ? [loss] : []));
  if (losses.length === 0) return null;
  const rates = everyone.map(({ value }) => value);
  const [low, high] = [Math.min(...losses), Math.max(...losses)];
  const ceiling = high * (high / low) ** 0.12;
  const own = row.sensitivity.points;
  const color = colorOf(indexOf(result, row.competitor.label));
  const ended = (points: typeof own) => points.filter(({ loss }) => loss !== null && loss > 0);
  const others = result.rows.filter((other) => other !== row).flatMap(({ sensitivity }) => sensitivity.points);
  const best = Math.min(...ended(own).map(({ loss }) => loss as number));
  return draw(width, `final loss over the learning rate of ${row.competitor.label}`, {
    height: Math.round(width * 0.62),
    marginLeft: 38,
    marginRight: 10,
    marginTop: 12,
    marginBottom: 30,
    style: { background: 'none', overflow: 'visible', fontSize: '11px' },
    x: {
      type: 'log',
      domain: [Math.min(...rates) / 1.3, Math.max(...rates) * 1.3],
      label: null,
      ticks: 4,
      tickFormat: (d: number) => powerOfTen(d),
    },
    y: { type: 'log', domain: [low / 1.08, ceiling], label: null, grid: true, ...logTicks([low, high]) },
    marks: [
      Plot.dot(ended(others), { x: 'value', y: 'loss', r: 2, fill: 'currentColor', fillOpacity: 0.16 }),
      Plot.dot(ended(own), { x: 'value', y: 'loss', r: 4, fill: color, fillOpacity: 0.9 }),
      Plot.dot(
        ended(own).filter(({ loss }) => loss === best),
        { x: 'value', y: 'loss', r: 7.5, stroke: color, strokeWidth: 1.5 },
      ),
      Plot.dot(
        own.filter(({ loss }) => loss === null),
        { x: 'value', y: () => ceiling, symbol: 'times', r: 4, stroke: color, strokeWidth: 2 },
      ),
    ],
  });
}

/** '10⁻³' for a power of ten, nothing for what lies between. */
function powerOfTen(value: number): string {
  const power = Math.round(Math.log10(value));
  if (Math.abs(Math.log10(value) - power) > 1e-6) return '';
  const raised = [...String(power)].map((digit) => (digit === '-' ? '⁻' : '⁰¹²³⁴⁵⁶⁷⁸⁹'[Number(digit)]));
  return power === 0 ? '1' : power === 1 ? '10' : `10${raised.join('')}`;
}
