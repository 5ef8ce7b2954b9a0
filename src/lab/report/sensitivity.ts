import * as Plot from '@observablehq/plot';
import type { RaceResult } from '../result.ts';
import type { Row } from '../score.ts';
import { colorOf, draw, indexOf, logTicks } from './draw.ts';

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
      ticks: powers(rates, width < 200 ? 3 : 5),
      tickFormat: powerOfTen,
    },
    y: { type: 'log', domain: [low / 1.08, ceiling], label: null, grid: true, ...logTicks([low, high], 4) },
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

/** Powers of ten within the values, at most so many of them. */
function powers(values: readonly number[], most: number): number[] {
  const low = Math.ceil(Math.log10(Math.min(...values)) - 0.05);
  const high = Math.floor(Math.log10(Math.max(...values)) + 0.05);
  const stride = Math.max(1, Math.ceil((high - low + 1) / most));
  const count = Math.floor((high - low) / stride) + 1;
  return Array.from({ length: Math.max(0, count) }, (_, i) => 10 ** (low + i * stride));
}

/** '10⁻³'. */
function powerOfTen(value: number): string {
  const power = Math.round(Math.log10(value));
  if (power === 0 || power === 1) return String(10 ** power);
  return `10${[...String(power)].map((digit) => (digit === '-' ? '⁻' : '⁰¹²³⁴⁵⁶⁷⁸⁹'[Number(digit)])).join('')}`;
}
