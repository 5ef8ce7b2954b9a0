import { ownVersion } from '../../../src/lab/machine.ts';
import { createRuntime } from '../../../src/runtime/runtime.ts';
import { parameter } from '../../../src/tensor/functions.ts';
import { type Peer, Unsupported } from '../peer.ts';
import { testFunction } from './function.ts';
import { copy, matmul } from './machine.ts';
import { mlpModel, models } from './models.ts';
import { training } from './training.ts';
import { hessianVector, perExample } from './transforms.ts';
import { update } from './update.ts';

/** One thread for what is stated per thread. */
const threads = Number(process.env.BENCH_THREADS ?? 2);

// The engines load their libraries at their first compilation; the other peers did so when they were imported.
for (const engine of ['onnx', 'wasm'] as const) {
  const x = parameter('x', [2, 2]);
  await createRuntime({ engine, threads }).engine.compile({ inputs: [x], outputs: [x.neg()] });
}

/** Thalweg, with programs traced and bound as the trainer does it. */
export const peer: Peer = {
  name: `Thalweg ${ownVersion()}${threads === 1 ? ', one thread' : ''}`,
  load: async (workload) => {
    const { kind } = workload;
    if (kind === 'matmul') return matmul(workload);
    if (kind === 'copy') return copy(workload);
    const runtime = createRuntime({ threads });
    if (kind === 'function') return testFunction(workload, runtime);
    if (kind === 'update') return update(workload, runtime);
    if (kind === 'hvp') return hessianVector(workload, mlpModel(workload), runtime);
    if (kind === 'per-example') return perExample(workload, mlpModel(workload), runtime);
    const build = models[kind];
    if (!build) throw new Unsupported(`no model for '${kind}'`);
    return training(workload, build(workload), runtime);
  },
};
