import { CommanderError } from 'commander';
import { ProtocolError } from '../lab/protocols/protocol.ts';
import { QueueError } from '../lab/queue/queue-error.ts';
import { RaceError } from '../lab/race-error.ts';
import { LabError, LabFailure } from '../lab/store/lab.ts';
import { FolderError } from '../train/make-folder.ts';
import { failureCode, reportError, UsageError, usageCode } from './errors.ts';
import { createProgram } from './program.ts';

/** Runs the command line and sets the exit code of the process. */
export async function run(args: readonly string[]): Promise<void> {
  process.exitCode = await exitCodeOf(args);
}

/** 0, or what errors.ts says. An error is told on standard error. */
export async function exitCodeOf(args: readonly string[]): Promise<number> {
  try {
    await createProgram().parseAsync(args, { from: 'user' });
    return Number(process.exitCode ?? 0);
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : usageCode;
    reportError(error, args.includes('--debug'));
    return isRefusal(error) ? usageCode : failureCode;
  }
}

/** What was asked for is not to be had. */
const refusals = [UsageError, RaceError, ProtocolError, LabError, QueueError, FolderError];

const isRefusal = (error: unknown): boolean =>
  !(error instanceof LabFailure) && refusals.some((kind) => error instanceof kind);
