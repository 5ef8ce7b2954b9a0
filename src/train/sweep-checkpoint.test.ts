import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { noisyTask } from '../../tests/noisy-task.ts';
import { accumulate, adamw, emaWeights, plateau, sgd } from '../optim/index.ts';
import { createRuntime } from '../runtime/runtime.ts';
import { CheckpointError, DamagedCheckpointError } from './checkpoint-types.ts';
import type { SweepOptions, SweepTrial } from './sweep.ts';
import { sweep } from './sweep.ts';
import { train } from './train.ts';

const runtime = createRuntime({ engine: 'wasm', threads: 1 });

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'thalweg-sweep-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

/** One of them diverges at its third step or so. */
const settings = [{ lr: 0.01 }, { lr: 1e30 }, { lr: 0.03 }];
const given = {
  task: noisyTask(),
  optimizer: emaWeights(accumulate(plateau(adamw(), { patience: 0, plateauThreshold: 0.5 }), { microBatches: 2 }), {
    emaDecay: 0.9,
  }),
  settings,
  seed: 5,
  steps: 30,
  evaluateEvery: 6,
  test: true,
  runtime,
} satisfies SweepOptions;

/** All that does not depend on a clock. */
const numbersOf = (trials: readonly SweepTrial[]) =>
  trials.map(({ seconds: _, wallSeconds: __, validation, test, targetReached, cost, ...rest }) => ({
    ...rest,
    validation: validation.map(({ step, loss, metrics }) => ({ step, loss, metrics })),
    test: test && [test.loss, test.metrics],
    reached: targetReached?.step,
    calls: cost.calls,
    state: cost.stateBytesPerParameter,
  }));

class Killed extends Error {}

/** Trains as a process does that dies in step `last`: nothing more is written. */
const killedAt = (last: number, options: SweepOptions) =>
  expect(
    sweep({
      ...options,
      onStep(step) {
        if (step === last) throw new Killed();
      },
    }),
  ).rejects.toThrow(Killed);

const manifests = async (directory = folder) => (await readdir(directory)).filter((file) => file.endsWith('.json'));

describe('a sweep with checkpoints', () => {
  it.each([
    ['one seed', 5],
    ['a seed for each trial', [5, 5, 9]],
  ])('on %s, killed again and again, ends bit-identical to one that never stopped', async (_, seed) => {
    const whole = await sweep({ ...given, seed });
    expect(whole.map(({ status }) => status)).toEqual(['finished', 'diverged', 'finished']);
    const checkpoint = { directory: folder, every: 4 };
    // Before there is a checkpoint, after one, at one (which is not written then), and after one that follows an evaluation.
    for (const last of [2, 7, 12, 14, 21, 22]) await killedAt(last, { ...given, seed, checkpoint });
    const began: number[] = [];
    const onStep = (step: number) => void began.push(step);
    const trials = await sweep({ ...given, seed, checkpoint, onStep });
    expect(began[0]).toBe(21);
    expect(numbersOf(trials)).toEqual(numbersOf(whole));
    // It is at its end now, and comes to the same once more.
    expect(numbersOf(await sweep({ ...given, seed, checkpoint, onStep }))).toEqual(numbersOf(whole));
    expect(began.at(-1)).toBe(30);
    expect(began).toHaveLength(10);
  });

  it('that is interrupted keeps where it stands, and the seconds that it took', async () => {
    const stop = new AbortController();
    const checkpoint = { directory: folder, seconds: 3600 };
    const onStep = (step: number) => step === 7 && stop.abort();
    const part = await sweep({ ...given, checkpoint, onStep, signal: stop.signal });
    expect(part.map(({ status }) => status)).toEqual(['interrupted', 'diverged', 'interrupted']);
    expect(await manifests()).toEqual(['step-7.json']);
    const trials = await sweep({ ...given, checkpoint });
    expect(numbersOf(trials)).toEqual(numbersOf(await sweep(given)));
    for (const [i, { seconds, wallSeconds, status }] of trials.entries()) {
      expect(wallSeconds).toBeGreaterThan(part[i].wallSeconds);
      if (status === 'finished') expect(seconds).toBeGreaterThan(part[i].seconds);
      else expect(seconds).toBe(part[i].seconds);
    }
  });

  it('whose last one is damaged reports it, and goes on from the one before to the same end', async () => {
    const checkpoint = { directory: folder, every: 4 };
    await killedAt(15, { ...given, checkpoint });
    await writeFile(join(folder, 'step-12.safetensors'), 'something else');
    await expect(sweep({ ...given, checkpoint })).rejects.toThrow(DamagedCheckpointError);
    const told: Error[] = [];
    const steps: number[] = [];
    const onProblem = (error: Error) => void told.push(error);
    const onStep = (step: number) => void steps.push(step);
    const trials = await sweep({ ...given, checkpoint: { ...checkpoint, onProblem }, onStep });
    expect(told).toEqual([expect.any(DamagedCheckpointError)]);
    expect(steps[0]).toBe(9);
    expect(numbersOf(trials)).toEqual(numbersOf(await sweep(given)));
  });

  it('goes on from those of the same trials in the same order only', async () => {
    const checkpoint = { directory: folder, every: 4 };
    const task = given.task;
    const optimizer = sgd();
    const two = { task, optimizer, settings: [{ lr: 0.1 }, { lr: 0.2 }], seed: 5, steps: 9, runtime };
    await killedAt(6, { ...two, checkpoint });
    const found = await manifests();
    const refused = async (change: Partial<SweepOptions>, why: RegExp) => {
      await expect(sweep({ ...two, checkpoint, ...change })).rejects.toThrow(CheckpointError);
      await expect(sweep({ ...two, checkpoint, ...change })).rejects.toThrow(why);
    };
    await refused({ settings: [{ lr: 0.2 }, { lr: 0.1 }] }, /of another run: its values is/);
    await refused({ settings: [{ lr: 0.1 }, { lr: 0.2 }, { lr: 0.3 }] }, /of another run: its values is/);
    await refused({ seed: [5, 6] }, /of another run: its seed is 5, here it is \[5,6\]/);
    await refused({ steps: 10 }, /of another run: its steps is 9/);
    await refused({ until: 3 }, /is at step 4, and this run ends after 3/);
    const alone = { task, optimizer: sgd({ lr: 0.1 }), seed: 5, steps: 9, runtime, checkpoint };
    await expect(train(alone)).rejects.toThrow(/of another run: its values is \[/);
    // What was refused is there still.
    expect(await manifests()).toEqual(found);
    expect(numbersOf(await sweep({ ...two, checkpoint }))).toEqual(numbersOf(await sweep(two)));
  });
});
