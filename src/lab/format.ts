import type { OracleCalls } from '../optim/oracle.ts';
import type { Protocol, Values } from './protocol.ts';
import type { Row } from './score.ts';
import type { Estimate } from './statistics.ts';

/** How numbers are written, in the terminal and in the report alike. */

export const nothing = '–';

/** Three significant digits, without an exponent where that stays short. */
export function number(value: number, digits = 3): string {
  if (!Number.isFinite(value)) return nothing;
  if (value === 0) return '0';
  const size = Math.abs(value);
  if (size >= 10 ** 7 || size < 1e-4) return Number(value.toPrecision(digits)).toExponential().replace('e+', 'e');
  if (size >= 10 ** digits) return Math.round(value).toLocaleString('en-US');
  return String(Number(value.toPrecision(digits)));
}

/** Is this metric a share, better read in percent? */
export const isShare = (metric: string): boolean => metric === 'error' || /error ?rate$/i.test(metric);

/** A value of the metric, as in '2.05%' or '0.0712'. */
export const metricValue = (metric: string, value: number): string =>
  !Number.isFinite(value) ? nothing : isShare(metric) ? `${(100 * value).toFixed(2)}%` : number(value);

const percentHalf = (halfWidth: number): string => (100 * halfWidth).toFixed(halfWidth < 0.1 ? 2 : 0);

/** A mean with its 95% interval: '2.05% ± 0.11', and the mean alone where there is no interval. */
export function metricEstimate(metric: string, { mean, halfWidth, count }: Estimate): string {
  if (count === 0) return nothing;
  const center = metricValue(metric, mean);
  if (!Number.isFinite(halfWidth)) return center;
  return `${center} ± ${isShare(metric) ? percentHalf(halfWidth) : number(halfWidth, 2)}`;
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

/** Steps or seconds to the target over the runs that met it; says how many when not all did. */
export function toTarget({ toTarget: { reached, runs, steps, seconds } }: Row, unit: 'steps' | 'seconds'): string {
  if (runs === 0) return nothing;
  if (reached === 0) return 'missed';
  const text = unit === 'steps' ? whole(Math.round(steps.mean)) : `${number(seconds.mean, 3)} s`;
  return reached === runs ? text : `${text} (${reached} of ${runs})`;
}

export const speedUp = (row: Row): string => (row.speedUp === null ? 'n/a' : `${row.speedUp.toFixed(2)}×`);

export const rank = (row: Row): string => (row.rank === null ? nothing : `${row.rank}${row.tied ? '=' : ''}`);

/** '48 s', '2 min 10 s', '1 h 05 min'. */
export function duration(seconds: number): string {
  if (!Number.isFinite(seconds)) return nothing;
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${String(whole % 60).padStart(2, '0')} s`;
  return `${Math.floor(whole / 3600)} h ${String(Math.floor((whole % 3600) / 60)).padStart(2, '0')} min`;
}

export const whole = (value: number): string => value.toLocaleString('en-US');

export const plural = (count: number, noun: string): string => `${whole(count)} ${noun}${count === 1 ? '' : 's'}`;

/** 'validation error': a quantity in words. A task without data has one value of it, not three. */
export const quantityName = ({ hasData }: Protocol, quantity: string): string =>
  hasData ? `validation ${quantity}` : quantity;

/** What competitors are ranked by, in words. */
export const metricName = (protocol: Protocol): string => quantityName(protocol, protocol.target.metric);

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
