import { CheckpointError, type CheckpointStore } from './checkpoint-types.ts';

export function fileStore(directory: string): CheckpointStore {
  throw new CheckpointError(`no checkpoint in ${directory}: a browser has no folders; leave out 'checkpoint'`);
}
