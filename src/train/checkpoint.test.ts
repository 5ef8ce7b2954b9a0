import { mkdtemp, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  lastStep,
  readBeginning,
  readCheckpoint,
  removeCheckpoints,
  soundStep,
  writeCheckpoint,
} from './checkpoint.ts';
import { CheckpointError, DamagedCheckpointError, type RunIdentity } from './checkpoint-types.ts';
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

describe.each(['a folder', 'memory'])('a checkpoint in %s', (place) => {
  const directory = () => (place === 'memory' ? `memory:${folder}` : join(folder, 'made', 'for it'));

  it('is read back whole; the newest counts', async () => {
    expect(await readCheckpoint(directory(), run)).toBeNull();
    await writeCheckpoint(directory(), run, at(3));
    await writeCheckpoint(directory(), run, at(6));
    expect(await readCheckpoint(directory(), run)).toEqual(at(6));
    expect([await lastStep(directory()), await soundStep(directory())]).toEqual([6, 6]);
  });

  it('is a copy: what is written later to the same arrays is not in it', async () => {
    const given = at(3);
    await writeCheckpoint(directory(), run, given);
    given.saved.tensors.w.data[0] = 99;
    given.history.seconds = 99;
    const read = await readCheckpoint(directory(), run);
    expect(read).toEqual(at(3));
    (read as ReturnType<typeof at>).saved.tensors.w.data[0] = 99;
    expect(await readCheckpoint(directory(), run)).toEqual(at(3));
  });

  it('of another run is refused by what differs; to begin from, one of other values will do', async () => {
    await writeCheckpoint(directory(), run, at(3));
    await expect(readCheckpoint(directory(), { ...run, seed: 2 })).rejects.toThrow(/its seed is 1, here it is 2/);
    const other = { ...run, values: { lr: 0.2 } };
    await expect(readCheckpoint(directory(), other)).rejects.toThrow(CheckpointError);
    expect(await readBeginning(directory(), other)).toEqual(at(3));
    await expect(readBeginning(directory(), { ...other, seed: 2 })).rejects.toThrow(/its seed is 1, here it is 2/);
    await expect(readBeginning(`${directory()}-no`, run)).rejects.toThrow(/there is no checkpoint/);
  });

  it('is gone when it is removed', async () => {
    await writeCheckpoint(`${directory()}/a`, run, at(3));
    await removeCheckpoints(directory());
    expect([await lastStep(`${directory()}/a`), await soundStep(`${directory()}/a`)]).toEqual([0, null]);
  });
});

describe('checkpoints in a folder', () => {
  it('are the last two', async () => {
    for (const step of [3, 6, 9]) await writeCheckpoint(folder, run, at(step));
    const files = ['step-6.json', 'step-6.safetensors', 'step-9.json', 'step-9.safetensors'];
    expect((await readdir(folder)).sort()).toEqual(files);
  });

  const flip = async (path: string, bit: number) => {
    const bytes = await readFile(path);
    bytes[Math.floor(bytes.length / 2)] ^= 1 << bit;
    await writeFile(path, bytes);
  };
  const damages: [string, (path: string) => Promise<void>][] = [
    ['cut short', (path) => truncate(path, 40)],
    ['empty', (path) => truncate(path, 0)],
    ['other by one bit', (path) => flip(path, 0)],
    ['overwritten', (path) => writeFile(path, '{"half')],
  ];

  it.each(damages.flatMap(([name, harm]) => ['json', 'safetensors'].map((kind) => [name, kind, harm] as const)))(
    'that are %s (%s) are refused, or reported, and then the one before counts',
    async (_, kind, harm) => {
      for (const step of [3, 6]) await writeCheckpoint(folder, run, at(step));
      await harm(join(folder, `step-6.${kind}`));
      await expect(readCheckpoint(folder, run)).rejects.toThrow(DamagedCheckpointError);
      expect([await lastStep(folder), await soundStep(folder)]).toEqual([6, null]);
      const told: string[] = [];
      expect(await readCheckpoint(folder, run, (error) => told.push(error.message))).toEqual(at(3));
      expect(told).toEqual([expect.stringMatching(`step-6.${kind}.*damaged.*`)]);
      // The damaged one is gone: a later one is the newest even at a lower step.
      await writeCheckpoint(folder, run, at(5));
      expect(await readCheckpoint(folder, run)).toEqual(at(5));
    },
  );

  it('that are all damaged count for nothing', async () => {
    for (const step of [3, 6]) await writeCheckpoint(folder, run, at(step));
    for (const step of [3, 6]) await rm(join(folder, `step-${step}.safetensors`));
    const told: string[] = [];
    expect(await readCheckpoint(folder, run, (error) => told.push(error.message))).toBeNull();
    expect(told).toHaveLength(2);
  });

  it('of a later or an earlier version are refused, and left', async () => {
    await writeCheckpoint(folder, run, at(3));
    await writeFile(join(folder, 'manifest.json'), '{}');
    await expect(readCheckpoint(folder, run, () => {})).rejects.toThrow(/an earlier version/);
  });

  it('go into a folder that is made for them, or say why none can be made', async () => {
    await writeFile(join(folder, 'file'), '');
    await expect(writeCheckpoint(join(folder, 'file', 'c'), run, at(3))).rejects.toThrow(
      /cannot make the folder|ENOTDIR/,
    );
    if (process.platform === 'linux') {
      await expect(writeCheckpoint('/proc/thalweg', run, at(3))).rejects.toThrow(FolderError);
    }
  });

  it('half written count for nothing: the one before stays', async () => {
    await writeCheckpoint(folder, run, at(3));
    // A kill after the tensors and before the JSON leaves these files.
    await writeFile(join(folder, 'step-6.safetensors'), 'half');
    await writeFile(join(folder, 'step-6.json.99.tmp'), '{"form');
    expect(await readCheckpoint(folder, run)).toEqual(at(3));
  });
});
