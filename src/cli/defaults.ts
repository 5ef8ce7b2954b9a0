/** What a race without further words is: sized for under three minutes on two cores; `--quick` for under one. */

export const defaultOptimizers = ['sgd', 'adam', 'adamw', 'lion', 'muon', 'schedule-free-adamw', 'sam(sgd)'] as const;

export interface Budget {
  readonly trials: number;
  readonly seeds: number;
  /** Default: the budget of the task. */
  readonly steps?: number;
  /** Default: as many as a final run. */
  readonly tuneSteps?: number;
}

export const fullBudget: Budget = { trials: 12, seeds: 3 };
export const quickBudget: Budget = { trials: 4, seeds: 2, steps: 300 };
