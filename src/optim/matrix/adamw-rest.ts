import { type Bundle, zerosLike } from '../../tensor/bundle.ts';
import { type AdamwRates, adamwStep, type Moments } from '../adaptive/adamw.ts';
import { log, nonNegative, positive, unit } from '../hyper.ts';
import type { State, StepContext, StepResult } from '../optimizer.ts';
import { initParts, type PartStates, stepParts } from './as-matrix.ts';

// Muon and its relatives take hidden matrices and kernels, and leave embeddings, the head and all vectors to AdamW.

/** The rates of that AdamW. */
export const restHyper = {
  adamLr: positive(3e-4, { tune: log(1e-4, 3e-2), doc: 'step size of AdamW on all other tensors' }),
  beta1: unit(0.9, { doc: 'decay of the first moment of AdamW' }),
  beta2: unit(0.95, { doc: 'decay of the second moment of AdamW' }),
  eps: nonNegative(1e-10, { doc: 'added to the root of the second moment of AdamW' }),
};

/** The state of a rule for the matrices, and the moments of AdamW for the rest. */
export const initWithAdamw = <M extends State>(w: Bundle, matrices: (part: Bundle) => M): PartStates<M, Moments> =>
  initParts(w, { matrices, rest: (part) => ({ m: zerosLike(part), v: zerosLike(part) }) });

/** One step of a rule on the matrices, and of AdamW on the rest. */
export const stepWithAdamw = <M extends State>(
  { w, state, oracle, t }: Pick<StepContext<PartStates<M, Moments>>, 'w' | 'state' | 'oracle' | 't'>,
  rates: AdamwRates,
  matrices: (w: Bundle, g: Bundle, state: M) => StepResult<M>,
): StepResult<PartStates<M, Moments>> =>
  stepParts(w, oracle.grad(w), state, {
    matrices,
    rest: (part, g, moments) => adamwStep(part, moments, g, t, rates),
  });
