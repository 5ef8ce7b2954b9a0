import type { OracleCalls } from '../optim/oracle.ts';
import type { Evaluation } from './result.ts';

/** What a run has seen so far; a checkpoint keeps it. Of trials that are trained together, times are the equal share of each. */
export interface History {
  /** In steps. */
  seconds: number;
  /** Of the first steps, each. */
  milliseconds: number[];
  /** Set-up and evaluations included. A run that goes on from another one counts its own only. */
  wallSeconds: number;
  trials: TrialHistory[];
}

export interface TrialHistory {
  trainLoss: { step: number; loss: number }[];
  validation: Evaluation[];
  /** Where a loss was not finite. */
  diverged?: { readonly step: number; readonly seconds: number; readonly calls: OracleCalls };
}

export const emptyHistory = (trials: number): History => ({
  seconds: 0,
  milliseconds: [],
  wallSeconds: 0,
  trials: Array.from({ length: trials }, () => ({ trainLoss: [], validation: [] })),
});

/** As a checkpoint keeps it: that of a trial alone is one flat record. */
export const packHistory = ({ trials, ...rest }: History): unknown =>
  trials.length === 1 ? { ...rest, ...trials[0] } : { ...rest, trials };

export function unpackHistory(packed: unknown): History {
  const { seconds, milliseconds, wallSeconds = 0, trials, ...alone } = numbers(packed) as History & TrialHistory;
  return { seconds, milliseconds, wallSeconds, trials: trials ?? [alone] };
}

/** JSON has no NaN: it is null there. A history holds numbers only. */
const numbers = (history: unknown): unknown => {
  if (history === null) return Number.NaN;
  if (Array.isArray(history)) return history.map(numbers);
  if (typeof history !== 'object') return history;
  return Object.fromEntries(Object.entries(history).map(([name, value]) => [name, numbers(value)]));
};
