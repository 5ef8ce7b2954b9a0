import type { OracleCalls } from '../optim/oracle.ts';
import type { AcrossRow, Row } from './analysis/score-types.ts';
import type { Estimate } from './analysis/statistics.ts';
import type { TaskPlan, Values } from './plan.ts';

/** How numbers are written, in the terminal and in the report alike. */

export const nothing = '–';

/** Three significant digits, without an exponent where that stays short. */
export function number(value: number, digits = 3): string {
  if (!Number.isFinite(value)) return nothing;
  if (value === 0) return '0';
  const size = Math.abs(value);
  if (size >= 10 ** 7 || size < 1e-4) return Number(value.toPrecision(digits)).toExponential().replace('e+', 'e');
  if (size >= 10 ** digits) return whole(Math.round(value));
  return String(Number(value.toPrecision(digits)));
}

/** Is this metric a share, better read in percent? */
export const isShare = (metric: string): boolean => metric === 'error' || /error ?rate$/i.test(metric);

/** A value of the metric, as in '2.05%' or '0.0712'. */
export const metricValue = (metric: string, value: number): string =>
  !Number.isFinite(value) ? nothing : isShare(metric) ? `${(100 * value).toFixed(2)}%` : number(value);

/** The same for columns of numbers: zeros at the end stay. */
export const metricCell = (metric: string, value: number): string =>
  isShare(metric) || !(Math.abs(value) >= 0.001 && Math.abs(value) < 1000)
    ? metricValue(metric, value)
    : value.toPrecision(3);

const percentHalf = (halfWidth: number): string => (100 * halfWidth).toFixed(halfWidth < 0.1 ? 2 : 0);

/** A mean with its 95% interval: '2.05% ± 0.11', and the mean alone where there is no interval. */
export function metricEstimate(metric: string, { mean, halfWidth, count }: Estimate): string {
  if (count === 0) return nothing;
  const center = metricValue(metric, mean);
  if (!Number.isFinite(halfWidth)) return center;
  return isShare(metric) ? `${center} ± ${percentHalf(halfWidth)}` : withInterval(mean, halfWidth);
}

/** Both to the same decimal, the second significant one of the interval. */
function withInterval(mean: number, halfWidth: number): string {
  const decimals = 1 - Math.floor(Math.log10(halfWidth));
  if (!(decimals >= 0 && decimals <= 8)) return `${number(mean)} ± ${number(halfWidth, 2)}`;
  return `${mean.toFixed(decimals)} ± ${halfWidth.toFixed(decimals)}`;
}

const signed = (text: string, value: number): string => (value > 0 ? `+${text}` : text.replace('-', '−'));

/** A difference of the metric with its 95% interval; of shares in percentage points: '+0.24 ± 0.11'. */
export function metricDifference(metric: string, estimate: Estimate | null): string {
  if (estimate === null || estimate.count === 0 || !Number.isFinite(estimate.mean)) return nothing;
  const { mean, halfWidth } = estimate;
  if (!Number.isFinite(halfWidth)) return signed(isShare(metric) ? (100 * mean).toFixed(2) : number(mean), mean);
  const text = isShare(metric)
    ? `${(100 * mean).toFixed(2)} ± ${percentHalf(halfWidth)}`
    : withInterval(mean, halfWidth);
  return signed(text, mean);
}

/** A probability in whole percent; those that draws cannot tell from 0 or 1 say so. */
export function probability(value: number): string {
  if (!Number.isFinite(value)) return nothing;
  if (value < 0.005) return '<1%';
  return value > 0.995 ? '>99%' : `${Math.round(100 * value)}%`;
}

/** A share in whole percent: '25%'. */
export const share = (value: number): string => (Number.isFinite(value) ? `${Math.round(100 * value)}%` : nothing);

/** A score or weight between 0 and 1: '0.875'. */
export const score = (value: number): string => (Number.isFinite(value) ? value.toFixed(3) : nothing);

/** '512 KiB', '312 MiB', '1.5 GiB'. */
export function bytes(value: number): string {
  if (!Number.isFinite(value)) return nothing;
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];
  const power = value < 1 ? 0 : Math.min(units.length - 1, Math.floor(Math.log2(value) / 10));
  return `${number(value / 1024 ** power)} ${units[power]}`;
}

export const values = (settings: Values | null): string =>
  settings === null
    ? nothing
    : Object.entries(settings)
        .map(([name, value]) => `${name} ${typeof value === 'number' ? number(value) : value}`)
        .join(', ');

const callNames: { readonly [K in keyof OracleCalls]: string } = {
  gradient: 'grad',
  loss: 'loss',
  hessianVector: 'HVP',
  perExample: 'per-example grad',
};

/** Oracle calls of a step by kind: '2 grad', '1 grad + 0.1 HVP'. */
export function calls(perStep: OracleCalls): string {
  const kinds = Object.keys(callNames) as (keyof OracleCalls)[];
  const parts = kinds.filter((kind) => perStep[kind] > 0).map((kind) => `${number(perStep[kind])} ${callNames[kind]}`);
  return parts.length === 0 ? '0' : parts.join(' + ');
}

/** Steps or seconds to the target over the runs that met it; says how many when not all did. With its 95% interval where asked for: '566 ± 84'. */
export function toTarget({ toTarget: given }: Row, unit: 'steps' | 'seconds', interval = false): string {
  const { reached, runs } = given;
  if (runs === 0) return nothing;
  if (reached === 0) return 'missed';
  const { mean, halfWidth } = given[unit];
  const text = unit === 'steps' ? whole(Math.round(mean)) : `${number(mean, 3)} s`;
  if (reached < runs) return `${text} (${reached} of ${runs})`;
  return interval && Number.isFinite(halfWidth) ? `${text} ± ${number(halfWidth, 2)}` : text;
}

export const speedUp = (row: Row): string => (row.speedUp === null ? 'n/a' : `${row.speedUp.toFixed(2)}×`);

export const rank = ({ rank: place, tied }: Pick<Row, 'rank' | 'tied'>): string =>
  place === null ? nothing : `${place}${tied ? '=' : ''}`;

/** A mean rank with its 95% interval: '1.75 (1 to 2.5)'. */
export const meanRank = ({ meanRank: mean, low, high }: AcrossRow): string => {
  if (!Number.isFinite(mean)) return nothing;
  return Number.isFinite(low) && Number.isFinite(high)
    ? `${number(mean)} (${number(low)} to ${number(high)})`
    : number(mean);
};

/** '48 s', '2 min 10 s', '1 h 05 min'. */
export function duration(seconds: number): string {
  if (!Number.isFinite(seconds)) return nothing;
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${String(whole % 60).padStart(2, '0')} s`;
  return `${Math.floor(whole / 3600)} h ${String(Math.floor((whole % 3600) / 60)).padStart(2, '0')} min`;
}

/** '10,000'. Without the language data behind toLocaleString, whose loading takes as long as a table. */
export const whole = (value: number): string =>
  Number.isInteger(value) && Math.abs(value) < 1e21
    ? String(value).replaceAll(/\B(?=(\d{3})+$)/g, ',')
    : value.toLocaleString('en-US');

export const plural = (count: number, noun: string): string => `${whole(count)} ${noun}${count === 1 ? '' : 's'}`;

/** 'validation error': a quantity in words. A task without data has one value of it, not three. */
export const quantityName = ({ hasData }: Pick<TaskPlan, 'hasData'>, quantity: string): string =>
  hasData ? `validation ${quantity}` : quantity;

/** What competitors are ranked by, in words. */
export const metricName = (task: Pick<TaskPlan, 'hasData' | 'target'>): string =>
  quantityName(task, task.target.metric);

/** Why a competitor has no rank, or what else there is to know of its trials; empty when all went well. */
export function remarks({ tuning, final, rank: place }: Row): string[] {
  const parts: string[] = [];
  if (tuning.diverged > 0) parts.push(`${plural(tuning.diverged, 'tuning trial')} diverged`);
  if (tuning.failed > 0) parts.push(`${plural(tuning.failed, 'tuning trial')} failed`);
  if (final.diverged > 0) parts.push(`${plural(final.diverged, 'final run')} diverged`);
  if (final.failed > 0) parts.push(`${plural(final.failed, 'final run')} failed`);
  if (place === null && parts.length === 0) parts.push('no final run');
  return parts;
}
