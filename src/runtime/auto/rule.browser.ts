import { hasGpu } from '../gpu.ts';
import type { BrowserOptions } from '../onnx/session-types.ts';
import { fitsWasm } from './cost.ts';
import type { WholeOnWasm } from './partition.ts';

/**
 * Which graphs run on wasm alone: all. On the processor our kernels and onnxruntime-web's are WebAssembly alike, ours were the faster
 * ones in everything measured (docs/performance.md), and its 14 MB need not be loaded. On a graphics card, dense algebra is ONNX
 * Runtime's.
 */
export const chooseRule = async ({ device }: BrowserOptions = {}): Promise<WholeOnWasm> =>
  device === 'webgpu' && (await hasGpu()) ? fitsWasm : () => true;
