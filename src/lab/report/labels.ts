import * as Plot from '@observablehq/plot';
import { type Axis, positionOn, valueAt } from './axis.ts';
import { colorOf, narrowest, shorten } from './draw.ts';

/** Names beside what they name, clear of each other: a reader need not match colours with a legend. */

/** The plotting area of a chart, in pixels, and its axes. */
export interface Frame {
  readonly width: number;
  readonly height: number;
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
  readonly x: Axis;
  readonly y: Axis;
}

/** Options of a plot with this frame. */
export const framed = ({ height, left, right, top, bottom }: Frame) => ({
  height,
  marginLeft: left,
  marginRight: right,
  marginTop: top,
  marginBottom: bottom,
});

/** A pixel from the left, or from the top, as a value of the axis. */
const atX = ({ width, left, right, x }: Frame, pixel: number) => valueAt(x, (pixel - left) / (width - left - right));
const atY = ({ height, top, bottom, y }: Frame, pixel: number) =>
  valueAt(y, (height - bottom - pixel) / (height - top - bottom));
const pixelX = ({ width, left, right, x }: Frame, value: number) =>
  left + positionOn(x, value) * (width - left - right);
const pixelY = ({ height, top, bottom, y }: Frame, value: number) =>
  height - bottom - positionOn(y, value) * (height - top - bottom);

const characterWidth = 6.8;
const lineHeight = 13.5;
/** From the end of a line to its name. */
const reach = 16;

const longestName = (width: number): number => (width < narrowest ? 13 : 20);

/** Room to the right of a chart for the names of its lines. */
export const roomForNames = (names: readonly string[], width: number): number =>
  reach + 4 + characterWidth * Math.min(longestName(width), Math.max(0, ...names.map(({ length }) => length)));

export interface Named {
  readonly label: string;
  readonly place: number;
  readonly x: number;
  readonly y: number;
}

/** Names at the right edge, each as near to the end of its line as the others let it be. */
export function endLabels(frame: Frame, lines: readonly Named[]): Plot.Markish[] {
  const sorted = [...lines].sort((a, b) => b.y - a.y);
  const ends = sorted.map(({ y }) => pixelY(frame, y));
  const spots = spread(ends, lineHeight, frame.top - 4, frame.height - frame.bottom + 2);
  const edge = frame.width - frame.right;
  const labels = sorted.map((line, i) => ({
    ...line,
    text: shorten(line.label, longestName(frame.width)),
    turn: atX(frame, edge + reach - 3),
    name: atX(frame, edge + reach),
    spot: atY(frame, spots[i]),
  }));
  return [
    Plot.link(labels, {
      x1: 'x',
      y1: 'y',
      x2: 'turn',
      y2: 'spot',
      stroke: ({ place }) => colorOf(place),
      strokeWidth: 1,
      strokeOpacity: 0.7,
    }),
    Plot.text(labels, { x: 'name', y: 'spot', text: 'text', textAnchor: 'start', fill: 'currentColor' }),
  ];
}

/** Moves sorted positions apart, as little as possible in the sum of squares (pool adjacent violators), within bounds where they fit. */
export function spread(positions: readonly number[], gap: number, low: number, high: number): number[] {
  const blocks: { sum: number; count: number }[] = [];
  positions.forEach((position, i) => {
    let block = { sum: position - i * gap, count: 1 };
    let last = blocks.at(-1);
    while (last && last.sum / last.count > block.sum / block.count) {
      block = { sum: last.sum + block.sum, count: last.count + block.count };
      blocks.pop();
      last = blocks.at(-1);
    }
    blocks.push(block);
  });
  const spots = blocks
    .flatMap(({ sum, count }) => Array.from({ length: count }, () => sum / count))
    .map((z, i) => z + i * gap);
  const most = spots.length - 1;
  return spots.map((spot, i) => Math.max(low + i * gap, Math.min(spot, high - (most - i) * gap)));
}

/** Names beside points, to the side where they cover the least of other names and points. */
export function pointLabels(frame: Frame, points: readonly Named[]): Plot.Markish[] {
  const dots = points.map((point) => ({ x: pixelX(frame, point.x), y: pixelY(frame, point.y) }));
  const taken: Box[] = dots.map(({ x, y }) => ({ left: x - 5, right: x + 5, top: y - 5, bottom: y + 5 }));
  const labels = points.map((point, i) => {
    const text = shorten(point.label, longestName(frame.width));
    const { x, y } = dots[i];
    const half = (characterWidth * text.length) / 2;
    const sides = [
      { anchor: 'start', dx: 9, dy: 0 },
      { anchor: 'end', dx: -9, dy: 0 },
      { anchor: 'middle', dx: 0, dy: -14 },
      { anchor: 'middle', dx: 0, dy: 14 },
      { anchor: 'start', dx: 6, dy: -12 },
      { anchor: 'start', dx: 6, dy: 12 },
      { anchor: 'end', dx: -6, dy: -12 },
      { anchor: 'end', dx: -6, dy: 12 },
      { anchor: 'middle', dx: 0, dy: -27 },
      { anchor: 'middle', dx: 0, dy: 27 },
    ] as const;
    const places = sides.map((side) => ({ ...side, box: boxOf(x + side.dx, y + side.dy, half, side.anchor) }));
    const cost = ({ box }: { readonly box: Box }) =>
      taken.reduce((sum, other) => sum + overlap(box, other), 0) + 20 * outside(box, frame);
    const best = places.reduce((a, b) => (cost(b) < cost(a) - 1e-9 ? b : a));
    taken.push(best.box);
    return { text, anchor: best.anchor, atX: atX(frame, x + best.dx), atY: atY(frame, y + best.dy) };
  });
  return [...Map.groupBy(labels, ({ anchor }) => anchor)].map(([anchor, own]) =>
    Plot.text(own, {
      x: 'atX',
      y: 'atY',
      text: 'text',
      textAnchor: anchor,
      fill: 'currentColor',
      stroke: 'var(--card)',
      strokeWidth: 3,
    }),
  );
}

type Anchor = 'start' | 'middle' | 'end';

interface Box {
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
}

/** Of a text that is anchored here. */
function boxOf(x: number, y: number, half: number, anchor: Anchor): Box {
  const left = { start: x, middle: x - half, end: x - 2 * half }[anchor];
  return { left, right: left + 2 * half, top: y - lineHeight / 2, bottom: y + lineHeight / 2 };
}

const overlap = (a: Box, b: Box): number =>
  Math.max(0, Math.min(a.right, b.right) - Math.max(a.left, b.left)) *
  Math.max(0, Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top));

/** Pixels by which a box leaves the chart, or covers the numbers of its axes. */
const outside = ({ left, right, top, bottom }: Box, frame: Frame): number =>
  Math.max(0, frame.left - left) +
  Math.max(0, right - frame.width) +
  Math.max(0, -top) +
  Math.max(0, bottom - frame.height + frame.bottom);
