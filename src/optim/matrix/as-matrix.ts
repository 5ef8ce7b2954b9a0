import type { Bundle, Leaf } from '../../tensor/bundle.ts';
import { merge } from '../../tensor/bundle.ts';
import type { Tensor } from '../../tensor/tensor.ts';
import type { State, StepResult } from '../optimizer.ts';

/** The tensors that matrix rules take: hidden matrices and convolution kernels; not embeddings, the head, biases and gains. */
export const isMatrix = ({ role, shape }: Leaf): boolean =>
  (role === 'matrix' || role === 'kernel') && shape.length >= 2;

/** A tensor as a matrix [out, rest]: convolution kernels are flattened behind their outputs, vectors are one column. */
export const asMatrix = (x: Tensor): Tensor => x.reshape([x.shape[0] ?? 1, -1]);

/** Rows and columns of a tensor seen as a matrix. */
export const sides = ({ shape, size }: { readonly shape: readonly number[]; readonly size: number }) => ({
  rows: shape[0],
  columns: size / shape[0],
});

/** What a two-part method keeps; a part without tensors keeps nothing. */
export type PartStates<M extends State, R extends State> = { matrices?: M; rest?: R };

const parts = (w: Bundle, first: typeof isMatrix) => {
  const some = (chosen: typeof isMatrix) => (w.layout.leaves.some(chosen) ? chosen : null);
  return { matrices: some(first), rest: some((leaf) => !first(leaf)) };
};

/** The states of a rule for the matrices and another rule for the rest. `first` says otherwise which tensors take the first rule. */
export function initParts<M extends State, R extends State>(
  w: Bundle,
  init: { readonly matrices: (w: Bundle) => M; readonly rest: (w: Bundle) => R },
  first: typeof isMatrix = isMatrix,
): PartStates<M, R> {
  const { matrices, rest } = parts(w, first);
  return {
    ...(matrices && { matrices: init.matrices(w.select(matrices)) }),
    ...(rest && { rest: init.rest(w.select(rest)) }),
  };
}

type PartStep<S extends State> = (w: Bundle, g: Bundle, state: S) => StepResult<S>;

/** One step of both rules, each on its own tensors. */
export function stepParts<M extends State, R extends State>(
  w: Bundle,
  g: Bundle,
  state: PartStates<M, R>,
  step: { readonly matrices: PartStep<M>; readonly rest: PartStep<R> },
  first: typeof isMatrix = isMatrix,
): StepResult<PartStates<M, R>> {
  const { matrices, rest } = parts(w, first);
  const one = matrices && step.matrices(w.select(matrices), g.select(matrices), state.matrices as M);
  const other = rest && step.rest(w.select(rest), g.select(rest), state.rest as R);
  const moved = [one, other].flatMap((part) => (part ? [part.w] : []));
  return {
    w: merge(w.layout, ...moved),
    state: { ...(one && { matrices: one.state }), ...(other && { rest: other.state }) },
  };
}
