import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readCheckpoint, writeCheckpoint } from './checkpoint.ts';
import { CheckpointError, type RunIdentity } from './checkpoint-types.ts';
import { FolderError } from './make-folder.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'thalweg-checkpoint-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const run: RunIdentity = {
  task: 'quadratic',
  optimizer: 'adamw',
  values: { lr: 0.1 },
  seed: 1,
  steps: 10,
  batchSize: 1,
  engine: 'reference',
  loss: 'a',
  data: 'none',
  parameters: ['w[2]'],
};
const at = (step: number) => ({
  step,
  saved: { tensors: { w: { shape: [2], data: Float32Array.of(step, 0.1) } }, extra: { gradient: step } },
  history: { seconds: 1 },
});

describe('a checkpoint', () => {
  it('is read back whole, and replaces the one before', async () => {
    expect(await readCheckpoint(folder, run)).toBeNull();
    await writeCheckpoint(folder, run, at(3));
    await writeCheckpoint(folder, run, at(6));
    expect(await readCheckpoint(folder, run)).toEqual(at(6));
    expect((await readdir(folder)).sort()).toEqual(['manifest.json', 'step-6.safetensors']);
  });

  it('of another run is refused by what differs', async () => {
    await writeCheckpoint(folder, run, at(3));
    await expect(readCheckpoint(folder, { ...run, seed: 2 })).rejects.toThrow(/its seed is 1, here it is 2/);
    await expect(readCheckpoint(folder, { ...run, values: { lr: 0.2 } })).rejects.toThrow(CheckpointError);
  });

  it('that was damaged is refused', async () => {
    await writeCheckpoint(folder, run, at(3));
    await writeFile(join(folder, 'step-3.safetensors'), 'something else');
    await expect(readCheckpoint(folder, run)).rejects.toThrow(/damaged/);
  });

  it('goes into a folder that is made for it, or says why none can be made', async () => {
    await writeCheckpoint(join(folder, 'a', 'b'), run, at(3));
    expect(await readCheckpoint(join(folder, 'a', 'b'), run)).toEqual(at(3));
    await writeFile(join(folder, 'file'), '');
    await expect(writeCheckpoint(join(folder, 'file', 'c'), run, at(3))).rejects.toThrow(
      /cannot make the folder|ENOTDIR/,
    );
    if (process.platform === 'linux') {
      await expect(writeCheckpoint('/proc/thalweg', run, at(3))).rejects.toThrow(FolderError);
    }
  });

  it('half written counts for nothing: the one before stays', async () => {
    await writeCheckpoint(folder, run, at(3));
    // A kill after the tensors and before the manifest leaves these files.
    await writeFile(join(folder, 'step-6.safetensors'), 'half');
    await writeFile(join(folder, 'manifest.json.99.tmp'), '{"form');
    expect(await readCheckpoint(folder, run)).toEqual(at(3));
  });
});
