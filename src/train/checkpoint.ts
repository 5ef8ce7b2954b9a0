import { createHash } from 'node:crypto';
import { open, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { type Checkpoint, CheckpointError, type RunIdentity } from './checkpoint-types.ts';
import { makeFolder } from './make-folder.ts';
import { decodeSafetensors, encodeSafetensors } from './safetensors.ts';

/** The JSON beside the tensors. It is replaced last, so that it always speaks of a whole file. */
interface Manifest {
  readonly format: 'thalweg-checkpoint/1';
  readonly run: RunIdentity;
  /** Steps done. The data order and the random numbers of the next steps follow from it and the seed. */
  readonly step: number;
  readonly tensors: { readonly file: string; readonly sha256: string };
  readonly extra: unknown;
  /** The trainer's own records so far. */
  readonly history: unknown;
}

const manifestName = 'manifest.json';

/** Writes a file so that at any moment either the old or the new one is there, whole. */
async function writeAtomically(path: string, parts: readonly Uint8Array[]): Promise<void> {
  const temporary = `${path}.${process.pid}.tmp`;
  const file = await open(temporary, 'w');
  try {
    for (const part of parts) await file.writeFile(part);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(temporary, path);
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

/** Writes tensors, then the manifest, then removes the tensors of the checkpoint before. */
export async function writeCheckpoint(directory: string, run: RunIdentity, checkpoint: Checkpoint): Promise<void> {
  makeFolder(directory);
  const before = await readManifest(directory);
  const { step, saved, history } = checkpoint;
  const parts = encodeSafetensors(saved.tensors, { format: 'thalweg', step: String(step) });
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  const file = `step-${step}.safetensors`;
  await writeAtomically(join(directory, file), parts);
  const manifest: Manifest = {
    format: 'thalweg-checkpoint/1',
    run,
    step,
    tensors: { file, sha256: hash.digest('hex') },
    extra: saved.extra,
    history,
  };
  const json = new TextEncoder().encode(`${JSON.stringify(manifest, null, 1)}\n`);
  await writeAtomically(join(directory, manifestName), [json]);
  await syncFolder(directory);
  if (before && before.tensors.file !== file) await rm(join(directory, before.tensors.file), { force: true });
}

/** The checkpoint in a folder, or null when there is none. Refuses one of another run, naming what differs. */
export async function readCheckpoint(directory: string, run: RunIdentity): Promise<Checkpoint | null> {
  const manifest = await readManifest(directory);
  if (!manifest) return null;
  for (const key of Object.keys(run) as (keyof RunIdentity)[]) {
    const [theirs, ours] = [JSON.stringify(manifest.run[key]), JSON.stringify(run[key])];
    if (theirs !== ours) {
      throw new CheckpointError(
        `the checkpoint in ${directory} is of another run: its ${key} is ${theirs}, here it is ${ours}; choose another folder`,
      );
    }
  }
  const path = join(directory, manifest.tensors.file);
  const bytes = await readFile(path);
  if (createHash('sha256').update(bytes).digest('hex') !== manifest.tensors.sha256) {
    throw new CheckpointError(`${path} is damaged: its SHA-256 is not the one in ${manifestName}`);
  }
  const { step, extra, history } = manifest;
  return { step, saved: { tensors: decodeSafetensors(bytes), extra }, history };
}

function parsed(path: string, text: string): Manifest {
  try {
    return JSON.parse(text) as Manifest;
  } catch (cause) {
    throw new CheckpointError(`${path} is damaged: it is no JSON`, { cause });
  }
}

async function readManifest(directory: string): Promise<Manifest | null> {
  const path = join(directory, manifestName);
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
  const manifest = parsed(path, text);
  if (manifest.format !== 'thalweg-checkpoint/1') {
    throw new CheckpointError(`${path} has format '${manifest.format}'; this version reads thalweg-checkpoint/1`);
  }
  return manifest;
}
