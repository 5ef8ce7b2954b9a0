import * as tf from '@tensorflow/tfjs';
import { type Loaded, type Peer, Unsupported, type Workload } from '../peer.ts';
import { hvp, perExample } from './derivatives.ts';
import { testFunction } from './function.ts';
import { losses } from './model.ts';
import { training } from './training.ts';
import { update } from './update.ts';

const others: Readonly<Record<string, (workload: Workload) => Loaded>> = {
  hvp,
  'per-example': perExample,
  update,
  function: testFunction,
};

/** TensorFlow.js on one of its backends, which must be registered. */
export function tfjsPeer(backend: 'wasm' | 'cpu', details: string): Peer {
  return {
    name: `TensorFlow.js ${tf.version_core} (${details})`,
    async load(workload) {
      if (!(await tf.setBackend(backend))) throw new Error(`TensorFlow.js has no ${backend} backend here`);
      await tf.ready();
      const { kind, numbers } = workload;
      if (kind in losses) return training(workload, losses[kind](numbers));
      if (kind in others) return others[kind](workload);
      throw new Unsupported(`no form of ${kind}`);
    },
  };
}
