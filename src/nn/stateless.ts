import { avgPool, maxPool, type PoolOptions } from '../tensor/functions.ts';
import { sizeOf } from '../tensor/shape.ts';
import type { Tensor } from '../tensor/tensor.ts';
import type { Model } from './model.ts';

/** A function of its input alone, as a model without parameters. */
export const stateless = (fn: (x: Tensor) => Tensor): Model => ({
  parameters: {},
  buffers: {},
  apply: (_, x) => fn(x),
});

/** The element-wise functions that go by name. GELU is the exact one; SiLU is x * sigmoid(x). */
export const activations = {
  relu: (x: Tensor) => x.relu(),
  gelu: (x: Tensor) => x.gelu(),
  silu: (x: Tensor) => x.silu(),
  tanh: (x: Tensor) => x.tanh(),
  sigmoid: (x: Tensor) => x.sigmoid(),
  softplus: (x: Tensor) => x.softplus(),
  identity: (x: Tensor) => x,
} satisfies Record<string, (x: Tensor) => Tensor>;

export type ActivationName = keyof typeof activations;

/** An element-wise function as a layer. */
export const activation = (name: ActivationName): Model => stateless(activations[name]);

/** [N, ...] -> [N, product of the rest]. */
export const flattenLayer = (): Model => stateless((x) => x.reshape([x.shape[0], sizeOf(x.shape.slice(1))]));

/** Largest element of each window: [N, C, H, W] -> [N, C, H', W']. The stride defaults to the window. */
export const maxPooling = (window: number | readonly [number, number], options: PoolOptions = {}): Model =>
  stateless((x) => maxPool(x, window, options));

/** Mean of each window, padding counted as zeros: [N, C, H, W] -> [N, C, H', W']. The stride defaults to the window. */
export const averagePooling = (window: number | readonly [number, number], options: PoolOptions = {}): Model =>
  stateless((x) => avgPool(x, window, options));
