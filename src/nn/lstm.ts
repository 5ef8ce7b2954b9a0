import { TensorError } from '../tensor/error.ts';
import { apply, type Tensor } from '../tensor/tensor.ts';
import { type InitRule, torchUniform } from './init.ts';
import type { Initializer, Model, Tensors } from './model.ts';

/** What an LSTM cell hands from one step to the next; both [N, hidden]. */
export interface LstmState {
  readonly h: Tensor;
  readonly c: Tensor;
}

export interface LstmOptions {
  /** Default `torchUniform` of the hidden size. */
  init?: InitRule;
  /**
   * When given, biases begin at 0 but those of the forget gate, which begin at this number: 1 is usual (Gers et al. 2000; Jozefowicz et al.
   * 2015, ICML). Without it they begin as the weights do.
   */
  forgetBias?: number;
}

/**
 * One step of an LSTM: x [N, inputs] and the state -> the new state. The gates lie in the order i, f, g, o (PyTorch's) along axis 0 of
 * `weightInput` [4 hidden, inputs], `weightHidden` [4 hidden, hidden] and `bias` [4 hidden].
 */
export const lstmCell = (params: Tensors, x: Tensor, state: LstmState): LstmState =>
  nextState(params, fromInput(params, x), state);

/** What the input adds to the gates: [..., inputs] -> [..., 4 hidden]. */
const fromInput = ({ weightInput, bias }: Tensors, x: Tensor): Tensor =>
  x.matmul(weightInput, { transposeB: true }).add(bias);

function nextState({ weightHidden }: Tensors, ofInput: Tensor, { h, c }: LstmState): LstmState {
  const gates = h.matmul(weightHidden, { transposeB: true }).add(ofInput);
  const [i, f, g, o] = gates.split(4, 1);
  const next = f.sigmoid().mul(c).add(i.sigmoid().mul(g.tanh()));
  return { h: o.sigmoid().mul(next.tanh()), c: next };
}

/**
 * LSTM unrolled over axis 1, from a zero state: [N, T, inputs] -> the hidden states [N, T, hidden].
 * Parameters: those of `lstmCell`. One bias, where PyTorch has two that are only ever added: ours is their sum.
 * Hochreiter & Schmidhuber 1997 with the forget gate of Gers, Schmidhuber & Cummins 2000.
 */
export function lstm(inputs: number, hidden: number, { init = torchUniform, forgetBias }: LstmOptions = {}): Model {
  const begin = init({ in: hidden, out: hidden });
  const bias: Initializer =
    forgetBias === undefined
      ? begin
      : {
          kind: 'values',
          values: Array.from({ length: 4 * hidden }, (_, k) => (Math.floor(k / hidden) === 1 ? forgetBias : 0)),
        };
  return {
    parameters: {
      weightInput: { shape: [4 * hidden, inputs], role: 'matrix', init: begin },
      weightHidden: { shape: [4 * hidden, hidden], role: 'matrix', init: begin },
      bias: { shape: [4 * hidden], role: 'bias', init: bias },
    },
    buffers: {},
    apply: (params, x) => {
      if (x.rank !== 3 || x.shape[2] !== inputs) throw new TensorError('lstm', `takes [N, T, ${inputs}], not ${x}`);
      // The inputs of all steps in one product, and step after step in memory.
      const [n, steps] = x.shape;
      const rows = x.transpose([1, 0, 2]).reshape([steps * n, inputs]);
      const ofInput = fromInput(params, rows).reshape([steps, n, 4 * hidden]);
      return apply('lstm', [ofInput, params.weightHidden], {}).transpose([1, 0, 2]);
    },
  };
}
