import type { Initializer } from './model.ts';

/** How many inputs reach one output of a layer, and how many outputs one input reaches. */
export interface Fans {
  readonly in: number;
  readonly out: number;
}

/** Chooses the beginning of a parameter from the fans of its layer. A bias has the fans of the weight it stands beside. */
export type InitRule = (fans: Fans) => Initializer;

export const zeros: InitRule = () => ({ kind: 'constant', value: 0 });
export const ones: InitRule = () => ({ kind: 'constant', value: 1 });
/** One number everywhere. */
export const constant =
  (value: number): InitRule =>
  () => ({ kind: 'constant', value });
/** N(mean, std²), whatever the fans. */
export const normal =
  (std = 1, mean = 0): InitRule =>
  () => ({ kind: 'normal', mean, std });
/** Uniform in [low, high), whatever the fans. */
export const uniform =
  (low: number, high: number): InitRule =>
  () => ({ kind: 'uniform', low, high });

/** N(0, 2 / fanIn): keeps the variance through ReLU layers. He et al. 2015, arXiv:1502.01852, eq. 10. */
export const heNormal: InitRule = (fans) => ({ kind: 'normal', mean: 0, std: Math.sqrt(2 / fans.in) });

/** N(0, 1 / fanIn): keeps the variance through linear and self-normalising layers. LeCun et al. 1998, Efficient BackProp, eq. 16. */
export const lecunNormal: InitRule = (fans) => ({ kind: 'normal', mean: 0, std: Math.sqrt(1 / fans.in) });

/** U(±sqrt(6 / (fanIn + fanOut))). Glorot & Bengio 2010, AISTATS, eq. 16. */
export const glorotUniform: InitRule = (fans) => {
  const bound = Math.sqrt(6 / (fans.in + fans.out));
  return { kind: 'uniform', low: -bound, high: bound };
};

/** U(±1 / sqrt(fanIn)) for weights and biases alike: what PyTorch's Linear, Conv2d and LSTM (with its hidden size) begin with. */
export const torchUniform: InitRule = (fans) => {
  const bound = 1 / Math.sqrt(fans.in);
  return { kind: 'uniform', low: -bound, high: bound };
};
