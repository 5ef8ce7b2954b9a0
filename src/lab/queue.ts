import type { TrialPlan } from './protocol.ts';

/** Trials that wait, by competitor. A lane that has run a competitor goes on with it, since its programs are compiled there. */
export class TrialQueue {
  readonly #waiting = new Map<string, TrialPlan[]>();
  readonly #lanes = new Map<number, string>();

  add(plans: readonly TrialPlan[]): void {
    for (const plan of plans) {
      const list = this.#waiting.get(plan.competitor) ?? [];
      list.push(plan);
      this.#waiting.set(plan.competitor, list);
    }
  }

  /** The next trial for a lane: of its own competitor, else of the first that no lane has, else of the one with most waiting. */
  take(lane: number): TrialPlan | undefined {
    const own = this.#lanes.get(lane);
    this.#lanes.delete(lane);
    const open = [...this.#waiting].filter(([, plans]) => plans.length > 0);
    const taken = new Set(this.#lanes.values());
    const longest = [...open].sort(([, a], [, b]) => b.length - a.length);
    const [competitor, plans] =
      open.find(([name]) => name === own) ?? open.find(([name]) => !taken.has(name)) ?? longest[0] ?? [];
    if (competitor === undefined || plans === undefined) return undefined;
    this.#lanes.set(lane, competitor);
    return plans.shift();
  }
}
