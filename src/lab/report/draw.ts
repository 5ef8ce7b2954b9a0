import * as Plot from '@observablehq/plot';
import { escaped, Html, html } from './html.ts';
import { svgDocument } from './svg.ts';

/** What the charts of the report share. They are SVG text; colours are CSS variables, so that light and dark share one picture. */

/** Colours differ for this many competitors, then repeat with dashes and other symbols. */
export const paletteSize = 10;
const dashes = [undefined, '6,3', '1.5,3', '8,3,1.5,3'] as const;
const symbols = ['circle', 'square', 'triangle', 'diamond'] as const;

/** The colour of the competitor at this place of the plan. */
export const colorOf = (place: number): string => `var(--c${place % paletteSize})`;
export const dashOf = (place: number): string | undefined => dashes[Math.floor(place / paletteSize) % dashes.length];
export const symbolOf = (place: number) => symbols[Math.floor(place / paletteSize) % symbols.length];

/** Charts are drawn at two widths, between which the style sheet chooses: for half of a wide page, and for a phone. */
const widths = { wide: 510, narrow: 320 } as const;
/** Below this width a chart has fewer ticks and narrower margins. */
export const narrowest = 400;

/** A chart at a width, or null where there is nothing to show. */
export type Chart = (width: number) => Html | null;

/** The chart at both widths. */
export function figure(chart: Chart): Html | null {
  const [wide, narrow] = [chart(widths.wide), chart(widths.narrow)];
  if (wide === null || narrow === null) return null;
  return html`<figure><div class="wide">${wide}</div><div class="narrow">${narrow}</div></figure>`;
}

/** The chart at the lesser width alone, to stand beside others. */
export function small(chart: Chart): Html | null {
  const picture = chart(widths.narrow);
  return picture && html`<figure>${picture}</figure>`;
}

/** `says` is what a reader of the chart would see in it: screen readers say it instead. */
export function draw(width: number, says: string, options: Plot.PlotOptions): Html {
  const svg = Plot.plot({
    document: svgDocument,
    className: 'plot',
    width,
    style: { background: 'none', overflow: 'visible', fontSize: '12px' },
    ...options,
    marks: [...logarithmicAxes(options), ...(options.marks ?? [])],
  });
  return new Html(svg.toString().replace('<svg', `<svg role="img" aria-label="${escaped(says)}"`));
}

/** Plot drops labels of a logarithmic axis as D3 sees fit, those of ticks within one decade above all; ours are chosen, so all are shown. */
function logarithmicAxes({ x, y }: Plot.PlotOptions): Plot.Markish[] {
  const [across, up] = [chosen(x), chosen(y)];
  return [across && Plot.axisX(across.ticks, across), up && Plot.axisY(up.ticks, up)];
}

function chosen({ type, ticks, tickFormat, label, labelAnchor, labelArrow }: Plot.ScaleOptions = {}) {
  if (type !== 'log' || !Array.isArray(ticks) || typeof tickFormat !== 'function') return null;
  const text = tickFormat as (tick: number) => string;
  return { ticks, text, label, labelAnchor, labelArrow } as Plot.AxisXOptions & Plot.AxisYOptions & { ticks: number[] };
}

/** A line or a band of one competitor. */
export interface Series<Point> {
  readonly place: number;
  readonly points: readonly Point[];
}

type Placed<Point> = Point & { readonly place: number };

const placed = <Point>(all: readonly Series<Point>[]): Placed<Point>[] =>
  all.flatMap(({ place, points }) => points.map((point) => ({ ...point, place })));

const ofPlace = ({ place }: { readonly place: number }): string => colorOf(place);

/** Bands of all competitors as one mark: Plot takes as long for a mark as for a hundred points. */
export const bands = <Point>(
  all: readonly Series<Point>[],
  options: { readonly x: string; readonly y1: (point: Point) => number; readonly y2: (point: Point) => number },
  fillOpacity: number,
): Plot.Markish => Plot.areaY(placed(all), { ...options, z: 'place', fill: ofPlace, fillOpacity });

/** Lines of all competitors, those with the same dashes as one mark. A line of one point is a dot. */
export const lines = <Point>(
  all: readonly Series<Point>[],
  options: { readonly x: string; readonly y: string | ((point: Point) => number); readonly curve?: Plot.Curve },
): Plot.Markish[] =>
  [...Map.groupBy(all, ({ place, points }) => `${dashOf(place)} ${points.length === 1}`).values()].map((own) =>
    Plot.lineY(placed(own), {
      ...options,
      z: 'place',
      stroke: ofPlace,
      strokeWidth: 1.9,
      strokeDasharray: dashOf(own[0].place),
      ...(own[0].points.length === 1 && { marker: 'dot' as const }),
    }),
  );

/** A name that fits beside a narrow chart. */
export const shorten = (text: string, most: number): string =>
  text.length <= most ? text : `${text.slice(0, most - 1).trimEnd()}…`;
