/** The learning rates of the sweep, one for each trial. */
export const rates: readonly number[] = Array.from({ length: 16 }, (_, i) => 1e-3 * 100 ** (i / 15));

export const steps = 200;

/** Trains with some of the learning rates; answers the loss of each at the end. */
export type Run = (rates: readonly number[]) => Promise<readonly number[]>;

/** How a sweep can be run. */
export interface Ways {
  /** One trial after the other. */
  each(threads: number): Promise<Run>;
  /** So many trials, as one program. */
  together(threads: number, trials: number): Promise<Run>;
}
