import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import { setWasmPaths } from '@tensorflow/tfjs-backend-wasm';
import { tfjsPeer } from '../tfjs/index.ts';

setWasmPaths(`${dirname(createRequire(import.meta.url).resolve('@tensorflow/tfjs-backend-wasm'))}/`);

/** TensorFlow.js on its wasm backend: SIMD, one thread. Its threads are for browsers (its flag for them is false in Node). */
export const peer = tfjsPeer('wasm', 'wasm with SIMD');
