import type { OpName } from '../../tensor/attrs.ts';
import { sizeOf } from '../../tensor/shape.ts';
import type { Tensor } from '../../tensor/tensor.ts';

/** Nanoseconds for each operation of a matrix product or a convolution, and each element of anything else. */
interface Rates {
  readonly productFlop: number;
  readonly convolutionFlop: number;
  readonly element: number;
}

/**
 * The cost rule of the `auto` engine, in nanoseconds on one core of a server of the 2020s: fitted to what `bench/calibrate.ts` measures,
 * and only ratios matter. A graph goes to WebAssembly as a whole when that is the cheaper estimate: then there is one synchronous
 * call and no ONNX Runtime at all. Threads are left out: where the two are close, the work is too small to be shared.
 */
export const rates = {
  /** A call of ONNX Runtime, and each of its nodes. */
  onnxCall: 15_000,
  onnxNode: 1_100,
  /** A further call, after a decomposition in wasm has had the caches: what it takes there beyond its nodes when they follow each other. */
  onnxReturn: 100_000,
  onnx: { productFlop: 1 / 72, convolutionFlop: 1 / 13, element: 0.42 },
  /** A kernel of the wasm engine. */
  wasmKernel: 15,
  wasm: { productFlop: 1 / 42, convolutionFlop: 1 / 7, element: 0.22 },
  /** An element that is read from memory, or written to it, by a large pass. */
  move: { onnx: 0.45, wasm: 0.4 },
  /** Arithmetic on an element in a fused loop. */
  operation: 0.1,
  /**
   * What a region must save to be worth a change of engine: one call more of ONNX Runtime takes 20 microseconds, threads wake up twice, and
   * tensors between stages lie in memory of their own.
   */
  change: 500_000,
  /** An element of a flat tensor, which is fused in wasm in either case. */
  flatElement: 0.11,
} as const;

/** Nanoseconds that a function costs for each element, beyond reading and writing it. */
const functions: { readonly [K in OpName]?: { readonly onnx: number; readonly wasm: number } } = {
  exp: { onnx: 1.4, wasm: 1.4 },
  expm1: { onnx: 3, wasm: 1.4 },
  log: { onnx: 3, wasm: 2 },
  log1p: { onnx: 5, wasm: 2 },
  sin: { onnx: 4, wasm: 4 },
  cos: { onnx: 4, wasm: 4 },
  pow: { onnx: 6, wasm: 6 },
  tanh: { onnx: 0.4, wasm: 0.8 },
  sigmoid: { onnx: 0.4, wasm: 0.8 },
  erf: { onnx: 1, wasm: 1.5 },
  gelu: { onnx: 2, wasm: 1.8 },
  softmax: { onnx: 1.5, wasm: 1.4 },
  logSoftmax: { onnx: 2, wasm: 4 },
  layerNorm: { onnx: 3, wasm: 2 },
  inverseStd: { onnx: 3, wasm: 1 },
  where: { onnx: 2.5, wasm: 0 },
};

/**
 * Softmax of what a mask is added to, as in causal attention: ONNX Runtime's exponential takes a hundred cycles for numbers that are too
 * small for a float32.
 */
const maskedSoftmax = 4.5;

const isMaskedSoftmax = (node: Tensor): boolean =>
  node.is('softmax') && node.inputs[0].is('add') && node.inputs[0].inputs.some(({ op }) => op === 'where');

const onnxFunction = (node: Tensor): number =>
  isMaskedSoftmax(node) ? maskedSoftmax : (functions[node.op]?.onnx ?? 0);

/** Multiply-adds count twice; 0 for what is not dense algebra. */
export function denseFlops(node: Tensor): number {
  if (node.is('matmul')) {
    const [a] = node.inputs;
    return 2 * node.size * (node.attrs.transposeA ? a.shape[a.rank - 2] : a.shape[a.rank - 1]);
  }
  if (node.is('conv2d')) return 2 * node.size * sizeOf(node.inputs[1].shape.slice(1));
  if (node.is('conv2dInputGrad')) return 2 * node.inputs[0].size * sizeOf(node.inputs[1].shape.slice(1));
  if (node.is('conv2dKernelGrad')) return 2 * node.inputs[1].size * sizeOf(node.shape.slice(1));
  return 0;
}

const isFree = (node: Tensor): boolean =>
  node.inputs.length === 0 || node.op === 'reshape' || (node.op === 'slice' && node.rank === 1);

const isFlat = (node: Tensor): boolean => node.rank <= 1 && node.inputs.every(({ rank }) => rank <= 1);

/** The part of a node's time that grows with its size. */
function work(node: Tensor, { productFlop, convolutionFlop, element }: Rates): number {
  const flops = denseFlops(node);
  if (flops > 0) return flops * (node.op === 'matmul' ? productFlop : convolutionFlop);
  return node.inputs.reduce((most, { size }) => Math.max(most, size), node.size) * element;
}

/** Nanoseconds of a call as the rates have it: the whole graph on wasm, or dense algebra on ONNX Runtime and flat tensors on wasm. */
export function estimate(nodes: readonly Tensor[]): { whole: number; split: number } {
  let whole = 0;
  let split: number = rates.onnxCall + rates.onnxReturn * returns(nodes);
  for (const node of nodes) {
    if (isFree(node)) continue;
    if (isFlat(node)) {
      const flat = rates.wasmKernel + work(node, { ...rates.wasm, element: rates.flatElement });
      whole += flat;
      split += flat;
    } else {
      whole += rates.wasmKernel + work(node, rates.wasm);
      split += rates.onnxNode + work(node, rates.onnx);
    }
  }
  return { whole, split };
}

/** How often dense algebra waits for a decomposition that itself waits for dense algebra. */
function returns(nodes: readonly Tensor[]): number {
  const decompositions = new Map<Tensor, number>();
  const levels = new Set<number>();
  for (const node of nodes) {
    const before = node.inputs.reduce((most, input) => Math.max(most, decompositions.get(input) ?? 0), 0);
    decompositions.set(node, before + Number(node.op === 'eigh' || node.op === 'qr'));
    if (denseFlops(node) > 0) levels.add(before);
  }
  return Math.max(0, levels.size - 1);
}

/** Is the whole graph cheaper in one wasm program than with ONNX Runtime? */
export function fitsWasm(nodes: readonly Tensor[]): boolean {
  const { whole, split } = estimate(nodes);
  return whole <= split;
}

/** What ONNX Runtime computes along with a product of matrices: the sum with a bias, and ReLU of that. */
export function isEpilogue(node: Tensor): boolean {
  if (node.op === 'relu') return node.inputs[0].op === 'add' && isEpilogue(node.inputs[0]);
  return node.op === 'add' && node.inputs.some((input) => input.op === 'matmul' && input.rank === 2);
}

/** Nanoseconds of a node of ONNX Runtime that is no dense algebra. */
export function onnxPass(node: Tensor): number {
  const moved = [...new Set(node.inputs)].reduce((sum, { size }) => sum + size, node.size);
  return rates.onnxNode + rates.move.onnx * moved + onnxFunction(node) * node.size;
}

/** Nanoseconds that ONNX Runtime takes for a node, with one thread. */
export const onnxTime = (node: Tensor): number =>
  denseFlops(node) > 0 ? work(node, rates.onnx) : isFree(node) ? 0 : onnxPass(node);

/** Nanoseconds of an element in a fused loop, without what is read and written. */
export const wasmElement = (node: Tensor): number => rates.operation + (functions[node.op]?.wasm ?? 0);
