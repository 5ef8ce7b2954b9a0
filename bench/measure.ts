import type { Contender } from './data.ts';

export interface Measured {
  readonly peer: string;
  /** Milliseconds of one step: median, least and most over the rounds. */
  readonly median: number;
  readonly min: number;
  readonly max: number;
  /** Loss after the agreed number of steps from the same start; NaN where the workload has none. */
  readonly loss: number;
}

export interface Effort {
  /** Rounds in which every contender has its turn. */
  readonly rounds: number;
  /** Time that one turn takes, about. */
  readonly turnMilliseconds: number;
}

/** Steps after which the losses of all contenders are compared; they also warm the contenders up. */
export const agreedSteps = 20;

/** Times contenders in turn, round after round, so that a drift of the machine's speed meets all of them alike. */
export async function race(
  contenders: readonly Contender[],
  { rounds, turnMilliseconds }: Effort,
): Promise<Measured[]> {
  const losses: number[] = [];
  const counts: number[] = [];
  for (const contender of contenders) {
    for (let i = 0; i < agreedSteps; i++) await contender.step();
    losses.push((await contender.loss?.()) ?? Number.NaN);
    const once = await timed(contender, 3);
    counts.push(Math.max(1, Math.round(turnMilliseconds / once)));
  }
  const times: number[][] = contenders.map(() => []);
  for (let round = 0; round < rounds; round++) {
    for (const [i, contender] of contenders.entries()) times[i].push(await timed(contender, counts[i]));
  }
  return contenders.map(({ peer }, i) => {
    const sorted = times[i].sort((a, b) => a - b);
    const [min, median, max] = [sorted[0], sorted[sorted.length >> 1], sorted[sorted.length - 1]];
    return { peer, median, min, max, loss: losses[i] };
  });
}

async function timed({ step }: Contender, count: number): Promise<number> {
  const start = performance.now();
  for (let i = 0; i < count; i++) {
    const pending = step();
    if (pending) await pending;
  }
  return (performance.now() - start) / count;
}
