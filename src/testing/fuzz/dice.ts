import { testRandom } from '../draw.ts';

/** Random choices that a seed decides. */
export class Dice {
  private readonly random: () => number;

  constructor(seed: number) {
    this.random = testRandom(Math.imul(seed + 1, 0x9e3779b1));
  }

  /** A whole number from `low` to `high`, both included. */
  int(low: number, high: number): number {
    return low + Math.floor((high - low + 1) * this.random());
  }

  /** A number in [low, high). */
  between(low: number, high: number): number {
    return low + (high - low) * this.random();
  }

  chance(probability: number): boolean {
    return this.random() < probability;
  }

  pick<T>(choices: readonly T[]): T {
    return choices[this.int(0, choices.length - 1)];
  }

  shuffled<T>(items: readonly T[]): T[] {
    const order = [...items];
    for (let i = order.length - 1; i > 0; i--) {
      const j = this.int(0, i);
      [order[i], order[j]] = [order[j], order[i]];
    }
    return order;
  }

  /** Each item with chance 1/2, in order. */
  some<T>(items: readonly T[]): T[] {
    return items.filter(() => this.chance(0.5));
  }
}
