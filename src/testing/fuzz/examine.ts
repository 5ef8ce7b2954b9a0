import type { OpName } from '../../tensor/attrs.ts';
import { topological } from '../../tensor/graph.ts';
import { type Contestant, check, type Engines, type Finding, Untame } from './check.ts';
import { generate } from './generate.ts';
import { printProgram } from './print.ts';
import type { Program } from './program.ts';
import { shrink } from './shrink.ts';
import type { TransformName } from './transform.ts';

/** What became of the program of a seed. */
export interface Examined {
  readonly seed: number;
  readonly transforms: readonly TransformName[];
  /** Every op that takes part. */
  readonly ops: readonly OpName[];
  /** An untame program, with numbers that are not finite or too large, is no test. */
  readonly outcome: 'agrees' | 'untame' | 'found';
  /** What is wrong, and the smallest program found that shows it, as an entry of `found.ts`. */
  readonly report?: string;
}

/** Generates the program of a seed, checks it, and shrinks it if it fails. */
export async function examine(seed: number, engines: Engines, among: readonly Contestant[]): Promise<Examined> {
  let made: ReturnType<typeof generate>;
  try {
    made = generate(seed);
  } catch (error) {
    const report = `seed ${seed}: the generator or a transform failed: ${error instanceof Error ? error.stack : error}`;
    return { seed, transforms: [], ops: [], outcome: 'found', report };
  }
  const { program, transforms } = made;
  const ops = [...new Set(topological(program.outputs).map(({ op }) => op))];
  const seen = { seed, transforms, ops };
  try {
    const finding = await check(program, engines, among);
    if (!finding) return { ...seen, outcome: 'agrees' };
    return { ...seen, outcome: 'found', report: await explain(seed, program, finding, engines) };
  } catch (error) {
    if (error instanceof Untame) return { ...seen, outcome: 'untame' };
    throw error;
  }
}

async function explain(seed: number, program: Program, found: Finding, engines: Engines): Promise<string> {
  const { contestant } = found;
  const again = async (candidate: Program): Promise<Finding | null> => {
    try {
      return await check(candidate, engines, [contestant]);
    } catch {
      return null; // untame, or no program at all: the reference refuses it
    }
  };
  // Only the laws need the pairs that they are about.
  const start = contestant === 'laws' ? program : { ...program, equal: [] };
  const smallest = await shrink(start, async (candidate) => (await again(candidate)) !== null);
  const finding = (await again(smallest)) ?? found;
  return `${contestant}: ${finding.problem}\n${printProgram(smallest, `${contestant}, seed ${seed}`)}`;
}
