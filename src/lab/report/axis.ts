import { number } from '../format.ts';

/** The range of a chart's axis. The report computes positions itself where labels must keep clear of each other. */
export interface Axis {
  readonly type: 'linear' | 'log';
  readonly low: number;
  readonly high: number;
}

/** Where a value lies on the axis: 0 at its low end, 1 at its high end. */
export function positionOn({ type, low, high }: Axis, value: number): number {
  return type === 'log' ? Math.log(value / low) / Math.log(high / low) : (value - low) / (high - low);
}

/** The value at a position; the axis may be followed beyond its ends. */
export function valueAt({ type, low, high }: Axis, position: number): number {
  return type === 'log' ? low * (high / low) ** position : low + position * (high - low);
}

/** An axis that holds the values, with a share of its length to spare at both ends; logarithmic where asked for and possible. */
export function axisAround(values: readonly number[], { log = false, room = 0.04 } = {}): Axis {
  const finite = values.filter(Number.isFinite);
  const [least, most] = [min(finite), max(finite)];
  if (log && least > 0) {
    const spare = most > least ? (most / least) ** room : 1.2;
    return { type: 'log', low: least / spare, high: most * spare };
  }
  const spare = most > least ? room * (most - least) : 0.1 * Math.abs(most) || 1;
  return { type: 'linear', low: least - spare, high: most + spare };
}

/** Like Math.min and Math.max, for any number of values. */
export const min = (values: readonly number[]): number =>
  values.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY);
export const max = (values: readonly number[]): number =>
  values.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);

/** Ticks of a logarithmic axis as plain numbers: as many of 1, 1.5, 2, 3, 5 times powers of ten as there is room for. */
export function logTicks(
  { low, high }: Pick<Axis, 'low' | 'high'>,
  most = 9,
): { readonly ticks: number[]; readonly tickFormat: (tick: number) => string } {
  const ticksAt = (multiples: readonly number[]): number[] => {
    const ticks: number[] = [];
    for (let power = Math.floor(Math.log10(low)); power <= Math.ceil(Math.log10(high)); power++) {
      ticks.push(...multiples.map((multiple) => Number(`${multiple}e${power}`)));
    }
    return ticks.filter((tick) => tick >= low * 0.999 && tick <= high * 1.001);
  };
  const choices = [[1, 1.2, 1.5, 2, 2.5, 3, 4, 5, 6, 8], [1, 1.5, 2, 3, 5], [1, 2, 5], [1, 3], [1]].map(ticksAt);
  const fitting = choices.find((ticks) => ticks.length <= most);
  const decades = ticksAt([1]);
  const stride = Math.ceil(decades.length / most);
  const tickFormat = (tick: number) => number(tick);
  const ticks = fitting ?? decades.filter((_, i) => i % stride === 0);
  // Within a fraction of an octave few such numbers lie.
  if (ticks.length < 3 && high < 3 * low) return { ticks: evenTicks(low, high, Math.min(most, 5)), tickFormat };
  return { ticks, tickFormat };
}

/** Round numbers, evenly spaced. */
export function evenTicks(low: number, high: number, most: number): number[] {
  const raw = (high - low) / most;
  const power = 10 ** Math.floor(Math.log10(raw));
  const step = power * ([1, 2, 5, 10].find((multiple) => multiple * power >= raw) ?? 10);
  const first = Math.ceil(low / step);
  const count = Math.floor(high / step) - first + 1;
  return Array.from({ length: Math.max(0, count) }, (_, i) => Number(((first + i) * step).toPrecision(12)));
}

/** '10⁻³'. */
export function powerOfTen(value: number): string {
  const power = Math.round(Math.log10(value));
  if (power === 0 || power === 1) return String(10 ** power);
  return `10${[...String(power)].map((digit) => (digit === '-' ? '⁻' : '⁰¹²³⁴⁵⁶⁷⁸⁹'[Number(digit)])).join('')}`;
}

/** Powers of ten within the axis, at most so many of them. */
export function powerTicks(low: number, high: number, most: number): number[] {
  const first = Math.ceil(Math.log10(low) - 0.05);
  const last = Math.floor(Math.log10(high) + 0.05);
  const stride = Math.max(1, Math.ceil((last - first + 1) / most));
  const count = Math.floor((last - first) / stride) + 1;
  return Array.from({ length: Math.max(0, count) }, (_, i) => 10 ** (first + i * stride));
}
