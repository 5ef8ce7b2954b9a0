/** What initial parameters, data order and random numbers follow from: one seed for all trials of a run, or one for each. */
export type Seed = number | readonly number[];

export const seedsOf = (seed: Seed): readonly number[] => (typeof seed === 'number' ? [seed] : seed);
