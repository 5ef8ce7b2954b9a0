import * as Plot from '@observablehq/plot';
import { parseHTML } from 'linkedom';
import { number } from '../format.ts';
import type { Trial } from '../protocol.ts';
import type { RaceResult } from '../result.ts';

/** What the charts of the report share. They are SVG text; colours are CSS variables, so that light and dark share one picture. */

const { document } = parseHTML('<!doctype html><html><body></body></html>');

/** Colours differ for this many competitors, then repeat with dashes. */
export const paletteSize = 10;
/** The colour of the competitor at this place of the protocol. */
export const colorOf = (index: number): string => `var(--c${index % paletteSize})`;
export const dashOf = (index: number): string | undefined => (index >= paletteSize ? '4,3' : undefined);

/** Below this width a chart has fewer ticks and narrower margins. */
export const narrowest = 450;

export function draw(width: number, title: string, options: Plot.PlotOptions): string {
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

/** Final runs that went to their end. */
export const finalRuns = ({ trials }: RaceResult, label: string): Trial[] =>
  trials.filter(
    ({ plan, outcome }) => plan.competitor === label && plan.phase === 'final' && outcome.status === 'finished',
  );

/** The place of a competitor in the protocol. */
export const indexOf = ({ protocol }: RaceResult, label: string): number =>
  protocol.competitors.findIndex((competitor) => competitor.label === label);

/** Ticks of a logarithmic axis as plain numbers: as many of 1, 1.5, 2, 3, 5 times powers of ten as there is room for. */
export function logTicks(
  values: readonly number[],
  most = 9,
): { readonly ticks: number[]; readonly tickFormat: (tick: number) => string } {
  const low = Math.min(...values) * 0.999;
  const high = Math.max(...values) * 1.001;
  const ticksAt = (multiples: readonly number[]): number[] => {
    const ticks: number[] = [];
    for (let power = Math.floor(Math.log10(low)); power <= Math.ceil(Math.log10(high)); power++) {
      ticks.push(...multiples.map((multiple) => Number(`${multiple}e${power}`)));
    }
    return ticks.filter((tick) => tick >= low && tick <= high);
  };
  const choices = [[1, 1.5, 2, 3, 5], [1, 2, 5], [1, 3], [1]].map(ticksAt);
  const fitting = choices.find((ticks) => ticks.length <= most);
  const decades = ticksAt([1]);
  const stride = Math.ceil(decades.length / most);
  return { ticks: fitting ?? decades.filter((_, i) => i % stride === 0), tickFormat: (tick) => number(tick) };
}
