import { getOptimizer } from '../optim/registry.ts';
import { trajectory } from './trajectory.ts';

/** The factor of lr at steps 1 ... steps under a schedule, read off the moves of SGD with gradient 1. */
export async function factors(
  name: string,
  values: Readonly<Record<string, unknown>>,
  steps: number,
  horizon = steps,
): Promise<number[]> {
  const optimizer = getOptimizer(`${name}(sgd)`, { lr: 1, ...values });
  if (optimizer.kind === 'driven') throw new Error('sgd is symbolic');
  const { w } = await trajectory(optimizer, { w0: [0], loss: (point) => point.w.flat.sum(), steps, horizon });
  return w.map(([x], i) => (i === 0 ? 0 : w[i - 1][0]) - x);
}

/** Factors are read off sums: one more digit of rounding than a golden number has. */
export const near = { absolute: 1e-14 };

/** The factors of these steps. */
export const at = (all: readonly number[], ...ts: number[]): number[] => ts.map((t) => all[t - 1]);
