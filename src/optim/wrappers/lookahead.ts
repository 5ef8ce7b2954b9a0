import { Bundle } from '../../tensor/bundle.ts';
import { Tensor } from '../../tensor/tensor.ts';
import { choice, count, linear, within } from '../hyper.ts';
import type { State, StepContext } from '../optimizer.ts';
import { defineWrapper } from '../wrapper.ts';

/** The parameter-shaped parts of a state (momenta, second moments), in order. */
function bundlesIn(state: State): Bundle[] {
  if (state instanceof Bundle) return [state];
  return state instanceof Tensor ? [] : Object.values(state).flatMap(bundlesIn);
}

/** The same state with its parameter-shaped parts replaced, in that order. */
function withBundles(state: State, parts: Iterator<Bundle>): State {
  if (state instanceof Bundle) return parts.next().value;
  if (state instanceof Tensor) return state;
  if (Array.isArray(state)) return state.map((child: State) => withBundles(child, parts));
  return Object.fromEntries(Object.entries(state).map(([key, child]) => [key, withBundles(child, parts)]));
}

/**
 * Lookahead: every k steps the weights go back towards where they were k steps ago. Zhang et al. 2019, arXiv:1907.08610, Algorithm 1.
 *
 *   after each k-th step of the base:  slow <- slow + slowRate (w - slow),  w <- slow
 *
 * The base's state is kept (the paper), begun anew at each synchronisation ('reset'), or its parameter-shaped parts go back by the same rule
 * as the weights ('pullback': the authors' code for the momentum buffer of SGD). After a reset the base counts its steps from 1 again, as
 * Optax's `reset_state` does, for a bias correction needs that; a schedule therefore belongs around lookahead. Evaluations are at `slow`.
 * slowRate is the paper's alpha: 0.5 there, 0.8 in the authors' code.
 */
export const lookahead = defineWrapper({
  id: 'lookahead',
  summary: 'k steps forward, then back towards the weights before them',
  source: 'Zhang et al. 2019, arXiv:1907.08610, Algorithm 1',
  hyper: {
    lookaheadSteps: count(5, 'k: steps of the base between synchronisations'),
    slowRate: within('(0, 1]', (v) => v > 0 && v <= 1)(0.5, {
      tune: linear(0.2, 0.9),
      doc: 'alpha: share of the way that the slow weights follow',
    }),
    innerState: choice('keep', ['keep', 'reset', 'pullback'], "what becomes of the base's state at a synchronisation"),
  },
  init: (w, hyper, base): { slow: Bundle; slowState?: Bundle[] } => ({
    slow: w,
    ...(hyper.innerState === 'pullback' && { slowState: bundlesIn(base.init(w, hyper)) }),
  }),
  step({ state, t, every, hyper }, step, base) {
    const { lookaheadSteps: k, slowRate, innerState } = hyper;
    const due = every(k, k - 1);
    const next = step(innerState === 'reset' ? restarted(t, k, every) : {});
    if (!due) return { ...next, own: state };
    const follow = (slow: Bundle, fast: Bundle) => slow.add(fast.sub(slow).mul(slowRate));
    const slow = follow(state.slow, next.w);
    if (innerState === 'reset') return { w: slow, state: base.init(slow, hyper), own: { slow } };
    if (!state.slowState) return { w: slow, state: next.state, own: { slow } };
    const fast = bundlesIn(next.state);
    const slowState = state.slowState.map((old, i) => follow(old, fast[i]));
    return { w: slow, state: withBundles(next.state, slowState.values()), own: { slow, slowState } };
  },
  evaluationPoint: ({ state }, evaluate, base) => (base.evaluationPoint ? evaluate({ w: state.slow }) : state.slow),
  evaluationView: ({ t, hyper: { lookaheadSteps: k, innerState } }) =>
    innerState === 'reset' ? { t: sinceReset(t, k) } : {},
});

/** Of `done` steps, those after the last synchronisation. */
const sinceReset = (done: Tensor, k: number): Tensor => done.sub(done.div(k).floor().mul(k));

/** The base counts steps, and phases, from the last synchronisation. */
function restarted(t: Tensor, k: number, every: StepContext['every']) {
  return {
    t: sinceReset(t.sub(1), k).add(1),
    every: (n: number, phase = 0, length = 1) => {
      const position = Array.from({ length: k }, (_, i) => i).findIndex((i) => every(k, i));
      return (((position - phase) % n) + n) % n < length;
    },
  };
}
