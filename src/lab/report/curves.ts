import * as Plot from '@observablehq/plot';
import { isShare, quantityName } from '../format.ts';
import type { Trial } from '../protocol.ts';
import type { RaceResult } from '../result.ts';
import { metricOf } from '../score.ts';
import { mean } from '../statistics.ts';
import { colorOf, dashOf, draw, finalRuns, logTicks, narrowest } from './draw.ts';

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
    points: curve(finalRuns(result, label), ({ outcome }, at) => scale * metricOf(quantity, outcome.validation[at])),
  }));
  const all = curves.flatMap(({ points }) => points);
  if (all.length === 0) return null;
  const positive = all.every(({ low }) => low > 0);
  const target = protocol.target.metric === quantity ? [scale * protocol.target.value] : [];
  const narrow = width < narrowest;
  return draw(width, `${quantityName(protocol, quantity)} over steps`, {
    height: narrow ? 270 : 330,
    marginLeft: 48,
    marginRight: 16,
    marginBottom: 38,
    x: { label: 'step', ticks: narrow ? 4 : 6, labelAnchor: 'center', labelArrow: 'none' },
    y: {
      label: `${quantityName(protocol, quantity)}${scale === 100 ? ' (%)' : ''}`,
      type: positive ? 'log' : 'linear',
      grid: true,
      ...(positive && logTicks([...all.flatMap(({ low, high }) => [low, high]), ...target])),
    },
    marks: [
      Plot.ruleY(target, { stroke: 'currentColor', strokeDasharray: '2,4', strokeOpacity: 0.8 }),
      Plot.text(target, {
        y: (d: number) => d,
        text: () => 'target',
        frameAnchor: 'left',
        dx: 4,
        dy: 9,
        fillOpacity: 0.75,
      }),
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
