import { type Bundle, zerosLike } from '../../tensor/bundle.ts';
import type { Tensor } from '../../tensor/tensor.ts';
import { ema } from '../rules.ts';

/** What a method with optional momentum keeps. */
export type HeavyBall = { readonly buffer?: Bundle };

export const initHeavyBall = (w: Bundle, momentum: Tensor | undefined): HeavyBall =>
  momentum ? { buffer: zerosLike(w) } : {};

/**
 * The direction of heavy-ball descent and the next buffer: b <- momentum b + g, u = b, or u = g + momentum b (Nesterov), or u = g without
 * momentum. `averaged`: b <- momentum b + (1 - momentum) g, and with Nesterov u = momentum b + (1 - momentum) g.
 */
export function heavyBall(
  { buffer }: HeavyBall,
  g: Bundle,
  momentum: Tensor | undefined,
  { nesterov = false, averaged = false } = {},
): { u: Bundle; state: HeavyBall } {
  if (!momentum || !buffer) return { u: g, state: {} };
  const blend = (b: Bundle) => (averaged ? ema(b, g, momentum) : b.mul(momentum).add(g));
  const next = blend(buffer);
  return { u: nesterov ? blend(next) : next, state: { buffer: next } };
}

/** What is wrong with these values together; null when nothing is. */
export const checkNesterov = (nesterov: boolean, momentum: number): string | null =>
  nesterov && momentum === 0 ? 'nesterov is true but momentum is 0; it needs momentum in (0, 1)' : null;
