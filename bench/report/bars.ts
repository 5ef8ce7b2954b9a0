import * as Plot from '@observablehq/plot';
import { logTicks } from '../../src/lab/report/axis.ts';
import { colorOf, draw, narrowest } from '../../src/lab/report/draw.ts';
import type { Html } from '../../src/lab/report/html.ts';
import { duration } from '../print.ts';
import type { BenchResult, WorkloadResult } from '../result.ts';
import { shortName } from './names.ts';

interface Bar {
  readonly name: string;
  readonly color: string;
  readonly ours: boolean;
  readonly median: number;
  readonly min: number;
  readonly max: number;
}

/** '10 ms', not '10.0 ms'. */
const tickText = (ms: number): string =>
  duration(ms)
    .replace(/\.0+ /, ' ')
    .replace(/(\.\d*?)0+ /, '$1 ');

/** The time of a step of each peer, on a logarithmic scale; the line reaches from the least to the most. */
export function barChart(workload: WorkloadResult, peers: BenchResult['peers'], width: number): Html | null {
  const order = Object.keys(peers);
  const bars = workload.rows.flatMap(({ peer, times }): Bar[] =>
    times
      ? [
          {
            name: shortName(peer),
            color: colorOf(order.indexOf(peer)),
            ours: peer === 'thalweg',
            ...times,
          },
        ]
      : [],
  );
  if (bars.length === 0) return null;
  const low = Math.min(...bars.map(({ min }) => min)) / 2;
  const high = Math.max(...bars.map(({ max }) => max));
  const narrow = width < narrowest;
  const ticks = logTicks({ low, high }, narrow ? 3 : 5);
  return draw(width, `time of a step: ${workload.title}`, {
    height: 40 + 24 * bars.length,
    marginLeft: narrow ? 112 : 128,
    marginRight: 62,
    marginTop: 6,
    marginBottom: 28,
    x: { type: 'log', domain: [low, high], label: null, grid: true, ticks: ticks.ticks, tickFormat: tickText },
    y: { domain: bars.map(({ name }) => name), label: null, tickSize: 0, padding: 0.22 },
    marks: [
      Plot.barX(bars, {
        x1: low,
        x2: 'median',
        y: 'name',
        fill: 'color',
        fillOpacity: (bar: Bar) => (bar.ours ? 1 : 0.5),
      }),
      Plot.ruleY(bars, {
        x1: 'min',
        x2: 'max',
        y: 'name',
        stroke: 'currentColor',
        strokeWidth: 1.5,
        strokeOpacity: 0.7,
      }),
      Plot.text(bars, {
        x: 'max',
        y: 'name',
        text: ({ median }: Bar) => duration(median),
        textAnchor: 'start',
        dx: 6,
        fill: 'currentColor',
        fontWeight: 600,
        fillOpacity: (bar: Bar) => (bar.ours ? 1 : 0.75),
      }),
    ],
  });
}
