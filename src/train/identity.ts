import type { Dataset, Splits } from '../data/dataset.ts';
import { sha256 } from '../data/sha256.ts';
import type { DrivenOptimizer } from '../optim/driven.ts';
import { simplify } from '../runtime/simplify.ts';
import { structureKey } from '../runtime/structure.ts';
import { Bundle } from '../tensor/bundle.ts';
import { parameter } from '../tensor/functions.ts';
import { topological } from '../tensor/graph.ts';
import { sizeOf } from '../tensor/shape.ts';
import type { RunIdentity } from './checkpoint-types.ts';
import { trainingObjective } from './objective.ts';
import type { StepperPlan, Trials } from './symbolic-stepper.ts';

/** A hash that two losses share only if they are the same graph: model, loss and every constant in them. */
function lossHash({ task, layout, splits, batchSize }: StepperPlan): Promise<string> {
  const objective = trainingObjective(task, splits?.train.fields ?? {}, batchSize);
  const w = Bundle.fromFlat(layout, parameter('w', [layout.size]));
  const outputs = [objective.loss(w, objective.batch(0), 0)];
  const inputs = topological(outputs).filter((node) => node.is('parameter'));
  return sha256(new TextEncoder().encode(structureKey(simplify({ inputs, outputs }))));
}

/** Examples of each split that go into the hash, evenly spread. */
const sampled = 64;

/** A hash of the sizes and fields of the splits and of some of their examples. */
async function dataHash(splits: Splits | null): Promise<string> {
  if (!splits) return 'none';
  const parts: BlobPart[] = [];
  for (const [name, data] of Object.entries(splits) as [string, Dataset][]) {
    parts.push(JSON.stringify([name, data.size, data.fields]));
    const count = Math.min(sampled, data.size);
    const spread = Array.from({ length: count }, (_, i) => Math.floor((i * data.size) / count));
    for (const [field, { shape }] of Object.entries(data.fields)) {
      const examples = new Float64Array(count * sizeOf(shape));
      data.read(spread, field, examples);
      parts.push(examples);
    }
  }
  return sha256(new Uint8Array(await new Blob(parts).arrayBuffer()));
}

/** What a checkpoint says of its run. */
export const identify = async (plan: StepperPlan, trials: Trials | DrivenOptimizer): Promise<RunIdentity> => ({
  task: plan.task.id,
  optimizer: 'kind' in trials ? trials.id : trials[0].id,
  values: 'kind' in trials ? trials.values : trials.map(({ values }) => values),
  seed: plan.seed,
  steps: plan.steps,
  batchSize: plan.batchSize,
  engine: plan.runtime.options.engine,
  parameters: Object.entries(plan.task.parameters).map(([name, { shape }]) => `${name}[${shape}]`),
  loss: await lossHash(plan),
  data: await dataHash(plan.splits),
});
