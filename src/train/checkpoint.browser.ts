import { type Checkpoint, CheckpointError, type RunIdentity } from './checkpoint-types.ts';

const refuse = (directory: string): never => {
  throw new CheckpointError(`no checkpoint in ${directory}: a browser has no folders; leave out 'checkpoint'`);
};

export const readCheckpoint = async (directory: string, _run: RunIdentity): Promise<Checkpoint | null> =>
  refuse(directory);

export const writeCheckpoint = async (directory: string, _run: RunIdentity, _checkpoint: Checkpoint): Promise<void> =>
  refuse(directory);
