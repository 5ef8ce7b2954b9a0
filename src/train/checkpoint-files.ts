import { createHash } from 'node:crypto';
import { open, readdir, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import {
  CheckpointError,
  type CheckpointStore,
  DamagedCheckpointError,
  type RunIdentity,
  type StoredCheckpoint,
} from './checkpoint-types.ts';
import { makeFolder } from './make-folder.ts';
import { decodeSafetensors, encodeSafetensors } from './safetensors.ts';

/** The JSON beside the tensors. It is written last, so that it always speaks of a whole file. */
interface Manifest {
  readonly format: typeof format;
  readonly run: RunIdentity;
  readonly step: number;
  /** SHA-256 of the file of tensors. */
  readonly tensors: string;
  readonly extra: unknown;
  readonly history: unknown;
}

const format = 'thalweg-checkpoint/2';

const remedy = 'remove it to go on from the checkpoint before';

/** Checkpoints that are kept. */
const kept = 2;

const manifestName = (step: number): string => `step-${step}.json`;
const tensorsName = (step: number): string => `step-${step}.safetensors`;

const sha256 = (parts: readonly (Uint8Array | string)[]): string => {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  return hash.digest('hex');
};

/** A manifest and, in a first line, its hash: a digit that changed in a loss curve is damage too. */
const encode = (manifest: Manifest): string => {
  const json = JSON.stringify(manifest, null, 1);
  return `${JSON.stringify({ sha256: sha256([json]) })}\n${json}\n`;
};

function decode(path: string, text: string): Manifest {
  const end = text.indexOf('\n');
  const json = text.slice(end + 1, -1);
  if (text.slice(0, end) !== JSON.stringify({ sha256: sha256([json]) })) {
    throw new DamagedCheckpointError(`${path} is damaged: its SHA-256 is not the one in its first line; ${remedy}`);
  }
  const manifest = JSON.parse(json) as Manifest;
  if (manifest.format === format) return manifest;
  throw new CheckpointError(`${path} has format '${manifest.format}'; this version reads ${format}`);
}

/**
 * Checkpoints as pairs of files, `step-120.safetensors` and `step-120.json`. A pair is there once its JSON is: each file is written to a
 * temporary one, synced and renamed, the JSON last.
 */
export const fileStore = (directory: string): CheckpointStore => ({
  steps: () => stepsIn(directory),
  read: (step) => readPair(directory, step),
  async write(checkpoint) {
    makeFolder(directory);
    await writePair(directory, checkpoint);
    for (const step of (await stepsIn(directory)).slice(kept)) await removePair(directory, step);
  },
  drop: (step) => removePair(directory, step),
  clear: () => rm(directory, { recursive: true, force: true }),
});

async function stepsIn(directory: string): Promise<number[]> {
  const found = await readdir(directory).catch((error: NodeJS.ErrnoException): string[] => {
    if (error.code === 'ENOENT') return [];
    throw error;
  });
  if (found.includes('manifest.json')) {
    throw new CheckpointError(`${directory} has a checkpoint of an earlier version; this one reads ${format}`);
  }
  const steps = found.flatMap((file) => /^step-(\d+)\.json$/.exec(file)?.[1] ?? []);
  return steps.map(Number).sort((a, b) => b - a);
}

async function readPair(directory: string, step: number): Promise<StoredCheckpoint> {
  const read = (file: string): Promise<Buffer> =>
    readFile(join(directory, file)).catch((cause: Error) => {
      throw new DamagedCheckpointError(`${join(directory, file)} cannot be read: ${cause.message}; ${remedy}`, {
        cause,
      });
    });
  const name = join(directory, manifestName(step));
  const { run, tensors, extra, history } = decode(name, (await read(manifestName(step))).toString('utf8'));
  const bytes = await read(tensorsName(step));
  if (sha256([bytes]) !== tensors) {
    throw new DamagedCheckpointError(
      `${join(directory, tensorsName(step))} is damaged: its SHA-256 is not the one in ${manifestName(step)}; ${remedy}`,
    );
  }
  return { run, step, saved: { tensors: decodeSafetensors(bytes), extra }, history };
}

async function writePair(directory: string, { run, step, saved, history }: StoredCheckpoint): Promise<void> {
  const parts = encodeSafetensors(saved.tensors, { format: 'thalweg', step: String(step) });
  await writeAtomically(join(directory, tensorsName(step)), parts);
  const manifest: Manifest = { format, run, step, tensors: sha256(parts), extra: saved.extra, history };
  try {
    await writeAtomically(join(directory, manifestName(step)), [new TextEncoder().encode(encode(manifest))]);
  } catch (error) {
    await removePair(directory, step);
    throw error;
  }
  await syncFolder(directory);
}

/** The JSON first: tensors without it count for nothing. */
async function removePair(directory: string, step: number): Promise<void> {
  for (const file of [manifestName(step), tensorsName(step)]) await rm(join(directory, file), { force: true });
}

/** Writes a file so that at any moment either the old or the new one is there, whole. */
async function writeAtomically(path: string, parts: readonly Uint8Array[]): Promise<void> {
  const temporary = `${path}.${process.pid}.tmp`;
  try {
    const file = await open(temporary, 'w');
    try {
      for (const part of parts) await file.writeFile(part);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}

/** Makes renames in a folder durable. */
async function syncFolder(directory: string): Promise<void> {
  if (process.platform === 'win32') return; // folders cannot be opened there
  const folder = await open(directory, 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}
