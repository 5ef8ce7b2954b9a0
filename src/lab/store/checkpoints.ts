import { isAddress } from '#lab/store/open';

/** Folder of the checkpoints of a lab's races, one folder in it for each: beside the lab's file, or in the working folder. */
export const checkpointsOf = (lab: string): string => `${isAddress(lab) ? 'thalweg' : lab}-checkpoints`;
