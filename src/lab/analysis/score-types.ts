import type { OracleCalls } from '../../optim/oracle.ts';
import type { CompetitorPlan, Outcome, TaskPlan, Values } from '../plan.ts';
import type { Estimate } from './statistics.ts';

/** What a race shows, as data: computed from plan and trials by score.ts, drawn by the report and the terminal. */

/** How many trials of one phase ended in which way. */
export type Tally = { readonly [K in Outcome['status']]: number };

/** The scores on one task. */
export interface TaskScore {
  readonly task: TaskPlan;
  /** Best first; competitors without a sound final run last. */
  readonly rows: readonly Row[];
  /** One sentence for this task. */
  readonly headline: string;
  /** Expected result of the best of k tuning trials, of searches that draw settings at random and run them to the end. */
  readonly tunability: readonly TunabilityCurve[];
  /** Pairs whose order at some earlier evaluation was known to be the opposite of that at the end. */
  readonly flips: readonly RankFlip[];
}

/** What a race says about one competitor on one task. */
export interface Row {
  readonly competitor: CompetitorPlan;
  /** From 1, by the rule of ranks.ts; null without sound final runs. */
  readonly rank: number | null;
  /** Does another one have the same rank? */
  readonly tied: boolean;
  /** Is the first one known to be better, with 95% confidence for all that the ranks of the task say? */
  readonly behindFirst: boolean;
  readonly tuning: Tally;
  readonly final: Tally;
  /** The setting of the final runs, of the best one where they differ; before they began the best so far, null when no tuning trial finished. */
  readonly best: Values | null;
  /** The target's metric, at the end of the final runs. */
  readonly validation: Estimate;
  readonly validationLoss: Estimate;
  readonly test: Estimate;
  readonly testLoss: Estimate;
  /** Difference of the metric to the competitor that is ranked first, paired by seed, with an interval of its own; null for the first itself. */
  readonly behind: Estimate | null;
  /** That it has the lowest mean over all seeds on this task (best.ts). NaN without sound final runs, and where there is nothing to tell it by. */
  readonly probabilityBest: number;
  readonly toTarget: {
    /** Final runs that met the target, of all finished ones. */
    readonly reached: number;
    readonly runs: number;
    /** Over the runs that met it. */
    readonly steps: Estimate;
    readonly seconds: Estimate;
  };
  /** Steps to target of the baseline over steps to target of this one; null where either missed it in any run. */
  readonly speedUp: number | null;
  readonly cost: RowCost | null;
  /** One for each tuned hyperparameter. */
  readonly sensitivity: readonly Sensitivity[];
  /** Share of the tuning trials whose final validation loss is at most `tolerance` times the best one of this competitor. */
  readonly nearBest: number;
}

export interface RowCost {
  /** Of one step, by kind, on average over a run. */
  readonly calls: OracleCalls;
  readonly stateBytesPerParameter: number;
  /** Median over runs of the median over steps. */
  readonly millisecondsPerStep: number;
  readonly peakBytes: number;
}

/** How the end of training depends on one hyperparameter, over the tuning trials of a competitor. */
export interface Sensitivity {
  readonly hyper: string;
  readonly points: readonly { readonly value: number; readonly loss: number | null }[];
  /** Share of the variation of the (ranked) losses that this hyperparameter explains by itself, in [0, 1]; NaN for too few trials. */
  readonly explains: number;
}

export interface TunabilityCurve {
  readonly competitor: string;
  /** The 95% interval is by bootstrap over the tuning trials. */
  readonly points: readonly {
    readonly k: number;
    readonly mean: number;
    readonly low: number;
    readonly high: number;
  }[];
}

export interface RankFlip {
  /** Ends better. */
  readonly winner: string;
  /** Was ahead. */
  readonly loser: string;
  /** Last step at which it was. */
  readonly step: number;
  /** That step as a share of the run. */
  readonly share: number;
}

/** The scores over several tasks. */
export interface Across {
  readonly rows: readonly AcrossRow[];
  /** Dolan & More performance profiles in steps to target: share of the tasks that a competitor solves within tau times the fastest. */
  readonly profiles: readonly {
    readonly competitor: string;
    readonly points: readonly { readonly tau: number; readonly share: number }[];
  }[];
  /** How much each task weighs in the Nash average; they sum to 1. */
  readonly difficulty: readonly { readonly task: string; readonly weight: number }[];
}

export interface AcrossRow {
  readonly competitor: string;
  /** AlgoPerf's integrated score of the profile in steps, in [0, 1]. */
  readonly score: number;
  /** The same in seconds. */
  readonly scoreSeconds: number;
  /** Nash average (Balduzzi et al. 2018), tasks min-max normalised. */
  readonly nash: number;
  /** Mean over tasks of the place by mean value, with its 95% interval over tasks and seeds; NaN where a task has no two seeds. */
  readonly meanRank: number;
  readonly low: number;
  readonly high: number;
  /** Probability, over tasks and seeds, of having the lowest mean rank; NaN where a task has no two seeds. */
  readonly best: number;
  /** Tasks on which it was first, alone or tied. */
  readonly firsts: number;
}

/** What 'nearly as good as the best setting' means in Row.nearBest. */
export const tolerance = 1.25;
