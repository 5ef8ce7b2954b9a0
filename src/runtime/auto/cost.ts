import { sizeOf } from '../../tensor/shape.ts';
import type { Tensor } from '../../tensor/tensor.ts';

/**
 * The cost rule of the `auto` engine, in nanoseconds on one core of a server of the 2020s. Only ratios matter. A graph goes to
 * WebAssembly as a whole when that is the cheaper estimate: then there is one synchronous call and no ONNX Runtime at all.
 */
export const rates = {
  /** A call of ONNX Runtime, and each of its nodes. */
  onnxCall: 35_000,
  onnxNode: 1_500,
  onnxFlop: 1 / 70,
  onnxElement: 0.25,
  /** A kernel of the wasm engine. */
  wasmKernel: 50,
  wasmFlop: 1 / 9,
  wasmElement: 0.6,
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

/** Is the whole graph cheaper in one wasm program than with ONNX Runtime? */
export function fitsWasm(nodes: readonly Tensor[]): boolean {
  let onnx: number = rates.onnxCall;
  let wasm = 0;
  for (const node of nodes) {
    if (isFree(node)) continue;
    const flops = denseFlops(node);
    const elements = node.inputs.reduce((most, { size }) => Math.max(most, size), node.size);
    onnx += rates.onnxNode + flops * rates.onnxFlop + elements * rates.onnxElement;
    wasm += rates.wasmKernel + flops * rates.wasmFlop + elements * rates.wasmElement;
  }
  return wasm <= onnx;
}
