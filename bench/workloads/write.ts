import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { StoredTensor, StoredWorkload } from '../protocol.ts';
import { type WorkloadPlan, workloads } from './list.ts';
import { generator } from './random.ts';
import type { Described } from './tensors.ts';

const sizeOf = (shape: readonly number[]): number => shape.reduce((a, b) => a * b, 1);
const floatsOf = ({ tensors }: WorkloadPlan): number =>
  Object.values(tensors).reduce((sum, { shape }) => sum + sizeOf(shape), 0);

/** Writes `<id>.json` for each workload and the data files they share; answers the paths of the JSON files by id. */
export function writeWorkloads(folder: string, plans: readonly WorkloadPlan[]): Map<string, string> {
  mkdirSync(folder, { recursive: true });
  // The largest of the workloads of a file draws as many numbers as all of them need.
  const largest = new Map<string, WorkloadPlan>();
  for (const plan of plans) {
    const found = largest.get(plan.file);
    if (!found || floatsOf(plan) > floatsOf(found)) largest.set(plan.file, plan);
  }
  for (const plan of largest.values()) writeFileSync(join(folder, plan.file), draw(plan));
  return new Map(
    plans.map((plan) => {
      const path = join(folder, `${plan.id}.json`);
      writeFileSync(path, JSON.stringify(stored(plan)));
      return [plan.id, path];
    }),
  );
}

/** All numbers of a workload, tensor after tensor; every element takes 4 bytes. */
function draw(plan: WorkloadPlan): Uint8Array {
  const random = generator(1);
  const floats = new Float32Array(floatsOf(plan));
  const integers = new Int32Array(floats.buffer);
  let at = 0;
  for (const { shape, values } of Object.values(plan.tensors)) {
    const end = at + sizeOf(shape);
    if ('below' in values) for (; at < end; at++) integers[at] = Math.floor(random() * values.below);
    else for (; at < end; at++) floats[at] = values.low + random() * (values.high - values.low);
  }
  return new Uint8Array(floats.buffer);
}

function stored({ id, kind, numbers, agreedSteps, file, tensors }: WorkloadPlan): StoredWorkload {
  let offset = 0;
  const place = ({ shape, values }: Described): StoredTensor => {
    const tensor = { shape, dtype: 'below' in values ? 'int32' : 'float32', offset } as const;
    offset += 4 * sizeOf(shape);
    return tensor;
  };
  const placed = Object.fromEntries(Object.entries(tensors).map(([name, described]) => [name, place(described)]));
  return { id, kind, numbers, agreedSteps, file, tensors: placed };
}

// node --conditions=thalweg-source bench/workloads/write.ts <folder> [id ...]
if (import.meta.main) {
  const [folder, ...ids] = process.argv.slice(2);
  if (!folder) throw new Error('takes the folder to write to, and the ids of workloads, or none for all');
  for (const path of writeWorkloads(
    folder,
    ids.length === 0 ? workloads : workloads.filter(({ id }) => ids.includes(id)),
  ).values()) {
    process.stdout.write(`${path}\n`);
  }
}
