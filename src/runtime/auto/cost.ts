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
  onnx: { productFlop: 1 / 72, convolutionFlop: 1 / 13, element: 0.42 },
  /** A kernel of the wasm engine. */
  wasmKernel: 15,
  wasm: { productFlop: 1 / 42, convolutionFlop: 1 / 7, element: 0.22 },
  /** An element of a flat tensor, which is fused in wasm in either case. */
  flatElement: 0.11,
} as const;

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
  let split: number = rates.onnxCall;
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

/** Is the whole graph cheaper in one wasm program than with ONNX Runtime? */
export function fitsWasm(nodes: readonly Tensor[]): boolean {
  const { whole, split } = estimate(nodes);
  return whole <= split;
}
