import { CheckpointError, type CheckpointStore, type StoredCheckpoint } from './checkpoint-types.ts';

/** A 'folder' whose name begins so is kept in the memory of this process, wherever it runs. */
export const memoryPrefix = 'memory:';

const folders = new Map<string, StoredCheckpoint>();

/** The last checkpoint of each run: memory is not damaged, so one will do. */
export const memoryStore = (directory: string): CheckpointStore => ({
  async steps() {
    const there = folders.get(directory);
    return there ? [there.step] : [];
  },
  async read(step) {
    const there = folders.get(directory);
    if (there?.step !== step) throw new CheckpointError(`${directory} has no checkpoint of step ${step}`);
    return structuredClone(there);
  },
  async write(checkpoint) {
    // A copy of its own memory: the run goes on to change what it gave, views of the engine's memory among it.
    const tensors = Object.entries(checkpoint.saved.tensors).map(([name, { shape, data }]) => [
      name,
      { shape, data: data.slice() },
    ]);
    const { run, step, saved, history } = checkpoint;
    const { extra, ...rest } = structuredClone({ run, step, history, extra: saved.extra });
    folders.set(directory, { ...rest, saved: { tensors: Object.fromEntries(tensors), extra } });
  },
  async drop() {
    folders.delete(directory);
  },
  async clear() {
    for (const name of folders.keys()) if (name === directory || name.startsWith(`${directory}/`)) folders.delete(name);
  },
});
