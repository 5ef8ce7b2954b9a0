import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { meanCrossEntropy } from '../nn/losses.ts';
import type { Model } from '../nn/model.ts';
import { fillRandom } from '../runtime/random.ts';
import { createRuntime, type Runtime } from '../runtime/runtime.ts';
import { defineTask } from '../tasks/define.ts';
import { type Composition, composed, nameOf, pairwiseCovering, within } from '../testing/compositions.ts';
import { Buffers } from '../train/buffers.ts';
import { initializeTask } from '../train/initialize.ts';
import { Minibatches } from '../train/minibatches.ts';
import { layoutOf } from '../train/objective.ts';
import { decodeSafetensors, encodeSafetensors } from '../train/safetensors.ts';
import { SymbolicStepper } from '../train/symbolic-stepper.ts';
import { train } from '../train/train.ts';
import { HyperError } from './hyper.ts';
import type { Optimizer } from './optimizer.ts';
import { type AnyOptimizer, getOptimizer, methods, schedules, wrappers } from './registry.ts';
import { paramGroups } from './wrappers/groups.ts';

/** A perceptron with every kind of parameter: matrices, a bias, a gain, a head and one without axes. */
const model: Model = {
  parameters: {
    W: { shape: [4, 3], role: 'matrix', init: { kind: 'normal', mean: 0, std: 0.5 } },
    b: { shape: [4], role: 'bias', init: { kind: 'constant', value: 0.1 } },
    gain: { shape: [4], role: 'gain', init: { kind: 'constant', value: 1 } },
    temperature: { shape: [], role: 'other', init: { kind: 'constant', value: 1 } },
    head: { shape: [2, 4], role: 'head', init: { kind: 'normal', mean: 0, std: 0.5 } },
  },
  buffers: {},
  apply: ({ W, b, gain, temperature, head }, x) =>
    x.matmul(W, { transposeB: true }).add(b).tanh().mul(gain).matmul(head, { transposeB: true }).mul(temperature),
};
const x = new Float32Array(60 * 3);
fillRandom(x, 'normal', { seed: 1, stream: 'x', step: 0 });
const task = defineTask({
  id: 'composition',
  model,
  data: { x: { data: x, shape: [3] }, y: { data: Int32Array.from({ length: 60 }, (_, i) => i % 2) } },
  loss: (logits, { y }) => meanCrossEntropy(logits, y),
  labels: 'y',
  batchSize: 4,
});
const layout = layoutOf(task);
const reference = createRuntime({ engine: 'reference' });
const steps = 5;
/** Within a period of every brisk value, so that what is saved is not what a run begins with. */
const savedAfter = 3;

interface Begun {
  readonly stepper: SymbolicStepper;
  readonly buffers: Buffers;
}

async function begun(optimizer: Optimizer): Promise<Begun> {
  const buffers = new Buffers(reference);
  const splits = await task.data();
  if (!splits) throw new Error('the task has data');
  const { batchSize } = task;
  initializeTask(task, 0, buffers);
  const minibatches = new Minibatches(splits.train, { count: optimizer.batches, batchSize, seed: 0, buffers });
  const plan = { task, layout, splits, batchSize, seed: 0, steps, runtime: reference, buffers, minibatches };
  return { stepper: await SymbolicStepper.create(optimizer, plan), buffers };
}

/** Steps from `first` to `last`; an evaluation comes after step 2, and a run that goes on is told of the latest. */
async function advance({ stepper }: Begun, first: number, last: number): Promise<void> {
  for (let t = first; t <= last; t++) {
    if (t > 2) stepper.observe(0.7, 1);
    await stepper.step(t);
  }
}

/** All numbers of a run by name: parameters, state, and the parameters to evaluate. */
async function numbersOf({ stepper, buffers }: Begun): Promise<Record<string, number[]>> {
  const point = await stepper.evaluationPoint(steps);
  const evaluation = buffers.find(point)?.data ?? [];
  const kept = Object.entries(stepper.save().tensors).map(([name, { data }]) => [name, Array.from(data)]);
  return { ...Object.fromEntries(kept), evaluation: Array.from(evaluation) };
}

/** One run without a pause, and one that a checkpoint's bytes carry into a stepper that knows nothing. */
async function expectToResume(optimizer: Optimizer): Promise<void> {
  const whole = await begun(optimizer);
  await advance(whole, 1, savedAfter);
  const { tensors, extra } = whole.stepper.save();
  const bytes = Buffer.concat(encodeSafetensors(tensors, {}));
  const manifest = JSON.stringify(extra);
  await advance(whole, savedAfter + 1, steps);

  const resumed = await begun(optimizer);
  resumed.stepper.load({ tensors: decodeSafetensors(bytes), extra: JSON.parse(manifest) });
  await advance(resumed, savedAfter + 1, steps);

  const expected = await numbersOf(whole);
  expect(await numbersOf(resumed)).toEqual(expected);
  expect(resumed.stepper.calls).toEqual(whole.stepper.calls);
  expect(expected.w.every(Number.isFinite), 'parameters are finite').toBe(true);
  expect(expected.evaluation.every(Number.isFinite), 'parameters to evaluate are finite').toBe(true);
}

const { compositions, refusals, pairs } = pairwiseCovering();
const layers = [...schedules, ...wrappers].map(({ id }) => id);
const refuses = (outer: string, inner: string): boolean =>
  refusals.some((refusal) => refusal.outer === outer && refusal.inner === inner);

describe('every pair of method, schedule and wrapper', () => {
  const byMethod = new Map<string, Composition[]>();
  for (const composition of compositions) {
    const method = composition[composition.length - 1];
    byMethod.set(method, [...(byMethod.get(method) ?? []), composition]);
  }
  test.each([...byMethod])('%s resumes bit-identically within what is around it', async (_, mine) => {
    const failures: string[] = [];
    for (const composition of mine) {
      await expectToResume(composed(composition)).catch((error: Error) => {
        failures.push(`${nameOf(composition)}: ${error.message}`);
      });
    }
    expect(failures).toEqual([]);
  });

  test('is composed, or refused by an error that names both and says why', () => {
    for (const { outer, inner, message } of refusals) {
      const [whole, reason] = /^([^ ]+): (.{20,})$/.exec(message)?.slice(1) ?? ['', ''];
      expect(whole, message).toMatch(new RegExp(`^${outer}\\(${inner}[()a-z0-9-]*\\)$`));
      expect(reason, message).not.toBe('');
    }
    expect(refusals.length).toBeLessThan(0.03 * pairs);
  });

  test('a driven method runs its own loop and takes no layer', () => {
    for (const { id } of methods) {
      if (getOptimizer(id).kind !== 'driven') continue;
      for (const layer of layers) {
        expect(() => getOptimizer(`${layer}(${id})`)).toThrow(new HyperError(`${layer}(${id}): ${id} runs its own loop and takes no wrapper`)); // biome-ignore format: one line
      }
    }
  });
});

describe('parameter groups', () => {
  const rest = { name: 'rest', takes: () => true, optimizer: getOptimizer('sgd', { momentum: 0.9 }) as Optimizer };
  const groupsWith = (inside: Composition): Optimizer =>
    paramGroups([{ name: 'matrices', takes: ({ shape }) => shape.length === 2, optimizer: composed(inside) }, rest]);
  const symbolic = methods.map(({ id }) => id).filter((id) => getOptimizer(id).kind === 'symbolic');
  const cases = symbolic.map((method, i) => {
    const turned = layers.map((_, j) => layers[(i + j) % layers.length]);
    const outer = turned.find((layer) => !refuses(layer, method)) as string;
    const inner = turned.find((layer) => layer !== outer && !refuses(layer, method) && !refuses(outer, layer));
    return [outer, inner as string, method] as const;
  });
  test.each(cases)('%s around groups, one of which is %s(%s), resumes bit-identically', (outer, inner, method) =>
    expectToResume(within(outer, groupsWith([inner, method]))),
  );
});

describe('a checkpoint folder', () => {
  const stopsAfter = async (optimizer: AnyOptimizer, runtime: Runtime, directory: string): Promise<void> => {
    const stop = new AbortController();
    const onStep = ({ step }: { step: number }) => {
      if (step === savedAfter) stop.abort();
    };
    const checkpoint = { directory, every: 100 };
    await train({ task, optimizer, steps, runtime, checkpoint, hooks: { onStep }, signal: stop.signal });
  };
  const expectToGoOn = async (optimizer: AnyOptimizer, runtime: Runtime): Promise<void> => {
    const directory = await mkdtemp(join(tmpdir(), 'thalweg-composition-'));
    try {
      await stopsAfter(optimizer, runtime, directory);
      const resumed = await train({ task, optimizer, steps, runtime, checkpoint: { directory, every: 100 } });
      const whole = await train({ task, optimizer, steps, runtime });
      expect(resumed.parameters).toEqual(whole.parameters);
      expect(resumed.cost.calls).toEqual(whole.cost.calls);
    } finally {
      await rm(directory, { recursive: true });
    }
  };

  test.each(compositions.filter((_, i) => i % 40 === 0).map((composition) => [nameOf(composition), composition]))(
    'brings back %s',
    (_, composition) => expectToGoOn(composed(composition), reference),
  );

  const wasm = createRuntime({ engine: 'wasm', threads: 1 });
  test.each(layers.map((layer) => [layer]))('brings back %s(adamw) on wasm', (layer) =>
    expectToGoOn(composed([layer, 'adamw']), wasm),
  );

  const driven = methods.map(({ id }) => getOptimizer(id)).filter(({ kind }) => kind === 'driven');
  test.each(driven.map((optimizer) => [optimizer.id, optimizer]))('brings back %s', (_, optimizer) =>
    expectToGoOn(optimizer, reference),
  );
});
