import { type Peer, Unsupported } from '../peer.ts';
import { testFunction } from './function.ts';
import { update } from './update.ts';

/** Plain JavaScript over Float32Arrays. */
export const peer: Peer = {
  name: 'plain loop',
  load: async (workload) => {
    if (workload.kind === 'update') return update(workload);
    if (workload.kind === 'function') return testFunction(workload);
    throw new Unsupported('loops exist for updates and test functions');
  },
};
