import type { Optimizer } from '../../src/optim/optimizer.ts';
import { OracleError } from '../../src/optim/oracle.ts';
import type { AnyOptimizer } from '../../src/optim/registry.ts';
import { traceStep } from '../../src/optim/step-program.ts';
import { fillRandom } from '../../src/runtime/random.ts';
import { type Bundle, Layout } from '../../src/tensor/bundle.ts';
import { topological } from '../../src/tensor/graph.ts';
import { asMatrix, commonLoss, drivenTrajectory, type Setup, trajectory, w0 } from '../../src/testing/trajectory.ts';

/** The steps that a golden check shows, and the planned length of their run. */
export const goldenSteps = 3;
export const goldenHorizon = 10;

/** What a step leaves behind, on the sequence that all golden checks have in common. */
export interface GoldenRun {
  /** The parameters as one vector, or as one hidden matrix. */
  readonly shape: 'vector' | 'matrix';
  /** After each step. */
  readonly w: readonly (readonly number[])[];
  /** The parameters to evaluate, where they are not w. */
  readonly evaluation?: readonly (readonly number[])[];
  /** The random numbers of each step, leaf after leaf; empty where none are drawn. */
  readonly random: readonly (readonly number[])[];
}

const starts: { readonly [K in GoldenRun['shape']]: Setup['w0'] } = { vector: w0, matrix: asMatrix };

/**
 * Three steps of the reference engine at the defaults: one run, or two where a matrix takes another step than a vector. None for what asks
 * the oracle for more than the common sequence has (logits).
 */
export async function goldenRuns(optimizer: AnyOptimizer): Promise<GoldenRun[]> {
  try {
    const runs = [await runOf(optimizer, 'vector'), await runOf(optimizer, 'matrix')];
    return JSON.stringify(runs[0].w) === JSON.stringify(runs[1].w) ? runs.slice(0, 1) : runs;
  } catch (error) {
    if (error instanceof OracleError) return [];
    throw error;
  }
}

async function runOf(optimizer: AnyOptimizer, shape: GoldenRun['shape']): Promise<GoldenRun> {
  const setup = { w0: starts[shape], loss: commonLoss, steps: goldenSteps, horizon: goldenHorizon };
  if (optimizer.kind === 'driven') return { shape, w: (await drivenTrajectory(optimizer, setup)).w, random: [] };
  const { w, evaluation } = await trajectory(optimizer, setup);
  return { shape, w, ...(optimizer.evaluationPoint && { evaluation }), random: randomOf(optimizer, layouts[shape]) };
}

const layouts: { readonly [K in GoldenRun['shape']]: Layout } = {
  vector: new Layout([{ name: 'w', shape: [w0.length], role: 'other' }]),
  matrix: new Layout([{ name: 'W', shape: asMatrix.W.shape, role: asMatrix.W.role }]),
};

/** What `trajectory` draws: the numbers of a run with seed 1. */
function randomOf(optimizer: Optimizer, layout: Layout): number[][] {
  const steps = Array.from({ length: goldenSteps }, (_, i) => {
    const objective = ({ t }: { t: Parameters<typeof commonLoss>[0]['t'] }) => ({
      batch: () => ({}),
      loss: (w: Bundle, _batch: unknown, batch: number) => commonLoss({ w, t, batch }),
    });
    const { graph } = traceStep(optimizer, layout, objective, i + 1);
    return topological(graph.outputs)
      .filter((node) => node.is('random'))
      .flatMap((leaf) => {
        const drawn = new Float64Array(leaf.size);
        fillRandom(drawn, leaf.attrs.distribution, { seed: 1, stream: leaf.attrs.stream, step: i + 1 });
        return [...drawn];
      });
  });
  return steps.some((drawn) => drawn.length > 0) ? steps : [];
}
