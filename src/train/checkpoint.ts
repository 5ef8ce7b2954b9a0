import { fileStore } from '#train/checkpoint-files';
import { memoryPrefix, memoryStore } from './checkpoint-memory.ts';
import {
  type Checkpoint,
  CheckpointError,
  type CheckpointStore,
  DamagedCheckpointError,
  type RunIdentity,
  type StoredCheckpoint,
} from './checkpoint-types.ts';

const storeOf = (directory: string): CheckpointStore =>
  directory.startsWith(memoryPrefix) ? memoryStore(directory) : fileStore(directory);

/** Keeps a checkpoint, and the one before it. */
export const writeCheckpoint = (directory: string, run: RunIdentity, checkpoint: Checkpoint): Promise<void> =>
  storeOf(directory).write({ ...checkpoint, run });

/**
 * The newest checkpoint in a folder, or null when there is none. Refuses one of another run, naming what differs; and a damaged one,
 * unless there is somebody to be told: then the damaged one is removed, and the one before it is read.
 */
export async function readCheckpoint(
  directory: string,
  run: RunIdentity,
  onDamage?: (error: DamagedCheckpointError) => void,
): Promise<Checkpoint | null> {
  const store = storeOf(directory);
  for (const step of await store.steps()) {
    try {
      return sameRun(directory, await store.read(step), run);
    } catch (error) {
      if (!(onDamage && error instanceof DamagedCheckpointError)) throw error;
      onDamage(error);
      await store.drop(step);
    }
  }
  return null;
}

/** The newest checkpoint of another run, which may have other hyperparameters than this one and nothing else that is other. */
export async function readBeginning(directory: string, run: RunIdentity): Promise<Checkpoint> {
  const store = storeOf(directory);
  const [step] = await store.steps();
  if (step === undefined) throw new CheckpointError(`there is no checkpoint in ${directory} to begin from`);
  const begun = await store.read(step);
  return sameRun(directory, begun, { ...run, values: begun.run.values });
}

/** Steps done at the newest checkpoint in a folder; null when there is none, or when it is damaged. */
export async function soundStep(directory: string): Promise<number | null> {
  const store = storeOf(directory);
  const [step] = await store.steps();
  if (step === undefined) return null;
  return store.read(step).then(
    () => step,
    () => null,
  );
}

/** Steps done at the newest checkpoint in a folder, by its name; 0 when there is none. */
export const lastStep = async (directory: string): Promise<number> => (await storeOf(directory).steps())[0] ?? 0;

/** Removes a folder with all checkpoints in it and below it. */
export const removeCheckpoints = (directory: string): Promise<void> => storeOf(directory).clear();

function sameRun(directory: string, { run: theirs, ...checkpoint }: StoredCheckpoint, ours: RunIdentity): Checkpoint {
  for (const key of Object.keys(ours) as (keyof RunIdentity)[]) {
    const [their, our] = [JSON.stringify(theirs[key]), JSON.stringify(ours[key])];
    if (their === our) continue;
    throw new CheckpointError(
      `the checkpoint in ${directory} is of another run: its ${key} is ${their}, here it is ${our}; choose another folder`,
    );
  }
  return checkpoint;
}
