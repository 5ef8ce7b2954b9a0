#!/usr/bin/env node
/** The `thalweg` command. Only what parses arguments is loaded here; each command loads its own work when it runs. */
import { type Command, CommanderError } from 'commander';
import { interruptedCode, reportError, UsageError, usageCode } from './errors.ts';
import { createProgram } from './program.ts';

async function main(args: readonly string[]): Promise<number> {
  const program = createProgram();
  try {
    await program.parseAsync(args, { from: 'user' });
    return Number(process.exitCode ?? 0);
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : usageCode;
    reportError(error, args.includes('--debug'));
    return error instanceof UsageError ? usageCode : 1;
  }
}

export type { Command };

const code = await main(process.argv.slice(2));
// Workers and engines may still hold the event loop; everything has been written by now.
process.exitCode = code;
if (code === interruptedCode) process.exit(code);
