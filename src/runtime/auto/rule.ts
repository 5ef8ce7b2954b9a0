import type { BrowserOptions } from '../onnx/session-types.ts';
import { fitsWasm } from './cost.ts';
import type { WholeOnWasm } from './partition.ts';

/** Which graphs run on wasm alone: those that the cost rule says. */
export const chooseRule = (_options?: BrowserOptions): WholeOnWasm | Promise<WholeOnWasm> => fitsWasm;
