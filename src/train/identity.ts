import { createHash } from 'node:crypto';
import type { Dataset, Splits } from '../data/dataset.ts';
import { simplify } from '../runtime/simplify.ts';
import { structureKey } from '../runtime/structure.ts';
import type { Task } from '../tasks/task.ts';
import { Bundle, type Layout } from '../tensor/bundle.ts';
import { parameter } from '../tensor/functions.ts';
import { topological } from '../tensor/graph.ts';
import { trainingObjective } from './objective.ts';

/** A hash that two losses share only if they are the same graph: model, loss and every constant in them. */
export function lossHash(task: Task, layout: Layout, splits: Splits | null, batchSize: number): string {
  const objective = trainingObjective(task, splits?.train.fields ?? {}, batchSize);
  const w = Bundle.fromFlat(layout, parameter('w', [layout.size]));
  const outputs = [objective.loss(w, objective.batch(0), 0)];
  const inputs = topological(outputs).filter((node) => node.is('parameter'));
  return createHash('sha256')
    .update(structureKey(simplify({ inputs, outputs })))
    .digest('hex');
}

/** Examples of each split that go into the hash, evenly spread. */
const sampled = 64;

/** A hash of the sizes and fields of the splits and of some of their examples. */
export function dataHash(splits: Splits | null): string {
  if (!splits) return 'none';
  const hash = createHash('sha256');
  for (const [name, data] of Object.entries(splits) as [string, Dataset][]) {
    hash.update(JSON.stringify([name, data.size, data.fields]));
    const count = Math.min(sampled, data.size);
    for (const [field, { shape }] of Object.entries(data.fields)) {
      const example = new Float64Array(shape.reduce((a, b) => a * b, 1));
      for (let i = 0; i < count; i++) {
        data.read(Math.floor((i * data.size) / count), field, example, 0);
        hash.update(new Uint8Array(example.buffer));
      }
    }
  }
  return hash.digest('hex');
}
