import type { Outcome, Trial, TrialPlan } from '../lab/plan.ts';
import { openLab } from '../lab/store/open.ts';
import { fillRandom } from '../runtime/random.ts';
import { about } from './labs.ts';
import { competitorPlan, madeUpPlan, madeUpTask } from './race.ts';

export interface BigLabOptions {
  readonly trials?: number;
  /** They part evenly into so many races of four tasks and ten competitors. Default 1. */
  readonly races?: number;
  /** Training losses of each trial. */
  readonly points?: number;
  readonly evaluations?: number;
}

/** A lab whose trials have full curves, all made up. Gives the id of its last race. */
export async function buildBigLab(
  where: string,
  { trials = 10_000, races = 1, points = 500, evaluations = 20 }: BigLabOptions = {},
): Promise<string> {
  const names = ['adamw', 'sgd', 'lion', 'muon', 'shampoo', 'nadamw', 'adafactor', 'adam', 'sophia', 'radam'];
  const steps = 10 * points;
  const tasks = ['mlp', 'cnn', 'lstm', 'gpt'].map((label) => madeUpTask(label, { steps, evaluations }));
  const finals = 5;
  const seeds = Array.from({ length: finals }, (_, i) => i + 1);
  const plan = madeUpPlan({
    name: 'big',
    tasks,
    competitors: names.map((name) => competitorPlan(name)),
    finalSeeds: seeds,
  });
  const lab = await openLab(where);
  const groups = tasks.flatMap((task) => names.map((competitor) => ({ task, competitor })));
  let id = '';
  let number = 0;
  for (let race = 0; race < races; race++) {
    id = await lab.create(plan, about);
    const held = await lab.hold(id);
    let left = Math.round(trials / races);
    const each = Math.ceil(left / groups.length);
    for (const [place, { task, competitor }] of groups.entries()) {
      const own: Trial[] = [];
      for (let i = 0; i < Math.min(each, left); i++) {
        const final = i < finals;
        const index = final ? i : i - finals;
        const phase = final ? 'final' : 'tune';
        const noise = new Float32Array(points + evaluations + 1);
        fillRandom(noise, 'uniform', { seed: number++, stream: 'big-lab', step: 0 });
        const plan: TrialPlan = {
          id: `${task.label}/${competitor}/${phase}/${index}`,
          task: task.label,
          competitor,
          phase,
          index,
          seed: final ? seeds[index] : 0,
          steps,
          until: steps,
          evaluateEvery: steps / evaluations,
          test: final,
          values: { lr: 10 ** (-4 + 4 * noise[points + evaluations]) },
        };
        own.push({ plan, outcome: madeUpOutcome(plan, noise, points, evaluations, 0.01 * (place % names.length)) });
      }
      left -= own.length;
      await held.record(own);
    }
    await held.end('finished', 3600);
  }
  await lab.close();
  return id;
}

function madeUpOutcome(
  { steps, evaluateEvery, test }: TrialPlan,
  noise: Float32Array,
  points: number,
  evaluations: number,
  level: number,
): Outcome {
  const lossAt = (step: number, i: number) => Math.fround(2 * Math.exp((-4 * step) / steps) + level + 0.1 * noise[i]);
  const evaluationAt = (i: number) => {
    const step = (i + 1) * evaluateEvery;
    const loss = lossAt(step, points + i);
    return { step, seconds: step / 1000, loss, metrics: { error: loss / 3, perplexity: Math.exp(loss) } };
  };
  const end = evaluationAt(evaluations - 1);
  return {
    status: 'finished',
    steps,
    seconds: steps / 1000,
    trainLoss: Array.from({ length: points }, (_, i) => ({ step: 10 * i + 1, loss: lossAt(10 * i, i) })),
    validation: Array.from({ length: evaluations }, (_, i) => evaluationAt(i)),
    ...(test && { test: end }),
    cost: {
      calls: { loss: 0, gradient: steps, hessianVector: 0, perExample: 0 },
      stateBytesPerParameter: 8,
      millisecondsPerStep: 1,
      compileSeconds: 0.1,
    },
    wallSeconds: steps / 900,
    peakBytes: 2e8,
  };
}
