import { tfjsPeer } from '../tfjs/index.ts';

/** TensorFlow.js on its backend in plain JavaScript. */
export const peer = tfjsPeer('cpu', 'cpu, plain JavaScript');
