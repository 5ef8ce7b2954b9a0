import { defaultDevice, init } from '@jax-js/jax';
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

/** jax-js on its wasm backend. In Node it runs on one thread: its worker pool needs the browser's `Worker`. */
export const peer: Peer = {
  name: '@jax-js/jax 0.1.25 (wasm)',
  async load(workload) {
    await init('wasm');
    defaultDevice('wasm');
    const { kind, numbers } = workload;
    if (kind in losses) return training(workload, losses[kind](numbers));
    if (kind in others) return others[kind](workload);
    throw new Unsupported(`no form of ${kind}`);
  },
};
