import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

// The promise: a run killed at any step and resumed ends bit-identical to one that never stopped. Here it is attacked with SIGKILL.

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'thalweg-resume-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

interface Ending {
  readonly finished: boolean;
  readonly lastStep: number;
}

/** Runs the child until it ends by itself or has reported `killAfter` steps; then it is killed as nobody can prepare for. */
function run(directory: string, engine: string, killAfter = Number.POSITIVE_INFINITY, linger = 0): Promise<Ending> {
  const child = spawn(
    process.execPath,
    ['--conditions=thalweg-source', join(import.meta.dirname, 'resume-child.ts'), directory, engine, String(linger)],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  let lastStep = 0;
  let reported = 0;
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    const steps = text.trim().split('\n').map(Number);
    reported += steps.length;
    lastStep = steps[steps.length - 1];
    if (reported >= killAfter) child.kill('SIGKILL');
  });
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code, signal) => {
      if (signal !== 'SIGKILL' && code !== 0) reject(new Error(`the child ended with ${code ?? signal}`));
      else resolve({ finished: signal === null, lastStep });
    });
  });
}

async function outcome(directory: string) {
  const lines = await readFile(join(directory, 'step-60.json'), 'utf8');
  // The first line is the hash of the others.
  const { step, tensors, extra, history } = JSON.parse(lines.slice(lines.indexOf('\n')));
  const { trainLoss, validation } = history as { trainLoss: unknown; validation: { loss: number; metrics: unknown }[] };
  return {
    step,
    // Weights, momenta, averages and running statistics are in this file.
    sha256: tensors,
    calls: extra,
    // The loss of every step: other data or another mask would show here.
    trainLoss,
    validation: validation.map(({ loss, metrics }) => ({ loss, metrics })),
  };
}

describe.each(['reference', 'auto'])('a run on the %s engine, killed again and again', (engine) => {
  it('ends bit-identical to one that never stopped', async () => {
    const undisturbed = join(folder, 'undisturbed');
    const killed = join(folder, 'killed');
    expect((await run(undisturbed, engine)).finished).toBe(true);
    const interruptions: number[] = [];
    for (let attempt = 0; ; attempt++) {
      expect(attempt).toBeLessThan(60);
      // The first attempts die at random points, the later ones live long enough to end.
      const killAfter = 4 + Math.floor(Math.random() * (attempt < 6 ? 14 : 80));
      const { finished, lastStep } = await run(killed, engine, killAfter, 3);
      if (finished) break;
      interruptions.push(lastStep);
    }
    expect(interruptions.length).toBeGreaterThanOrEqual(3);
    expect(await outcome(killed)).toEqual(await outcome(undisturbed));
  });
});
