/** What a race without further words is: sized for under three minutes on two cores; `--quick` for under one. */

export const defaultTask = 'mnist-mlp';
export const defaultOptimizers = ['sgd', 'adam', 'adamw', 'lion', 'muon', 'schedule-free-adamw', 'sam(sgd)'] as const;

export interface Budget {
  readonly trials: number;
  readonly seeds: number;
  /** Evaluations in a final run. */
  readonly evaluations: number;
  /** Default: the budget of the task. */
  readonly steps?: number;
  /** Steps of a tuning trial, as a share of those of a final run. */
  readonly tuneShare: `${number}%`;
}

export const fullBudget: Budget = { trials: 10, seeds: 3, evaluations: 15, tuneShare: '33.333%' };
export const quickBudget: Budget = { trials: 3, seeds: 2, evaluations: 10, steps: 200, tuneShare: '100%' };
