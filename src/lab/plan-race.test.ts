import { describe, expect, test } from 'vitest';
import { adam, adamw, lion, sgd } from '../optim/index.ts';
import { mnistMlp, rosenbrock } from '../tasks/index.ts';
import { planRace } from './plan-race.ts';
import type { RaceSpec } from './race-spec.ts';

const small: RaceSpec = { tasks: ['rosenbrock'], competitors: ['adamw', 'sgd'] };
const plan = async (spec: Partial<RaceSpec>) => (await planRace({ ...small, ...spec })).plan;

describe('a plan is complete', () => {
  test('with the defaults of tasks, optimizers and protocol', async () => {
    const { plan, own } = await planRace({
      tasks: ['rosenbrock', 'beale'],
      competitors: ['adamw', 'sgd[momentum=0.9]'],
    });
    expect(own).toBe(false);
    expect(plan).toMatchObject({
      name: 'rosenbrock and 1 more',
      baseline: 'adamw',
      seed: 0,
      tuneSeed: 0,
      finalSeeds: [1, 2, 3],
      schedule: { warmup: 0.05, decay: 'linear' },
      engine: 'auto',
      module: null,
    });
    expect(plan.protocol).toMatchObject({ kind: 'equal-budget', options: { tuner: { kind: 'quasi-random' } } });
    expect(plan.tasks[0]).toMatchObject({ label: 'rosenbrock', hasData: false, parameters: 2, evaluations: 20 });
    const [adam, momentum] = plan.competitors;
    expect(Object.keys(adam.space)[0]).toBe('lr');
    expect(adam.start).toMatchObject({ lr: 1e-3, beta1: 0.9 });
    expect(momentum).toMatchObject({ label: 'sgd[momentum=0.9]', optimizer: 'sgd', fixed: { momentum: 0.9 } });
    expect(momentum.space).not.toHaveProperty('momentum');
    // Plain data: it travels between processes and into databases.
    expect(JSON.parse(JSON.stringify(plan))).toEqual(plan);
  });

  test('a race with seed s tunes with 1000 s and ends with 1000 s + 1, 1000 s + 2, ...', async () => {
    expect(await plan({ seed: 7, seeds: 2 })).toMatchObject({ seed: 7, tuneSeed: 7000, finalSeeds: [7001, 7002] });
  });

  test('a task may take part twice, with other budgets', async () => {
    const { tasks } = await plan({
      tasks: [
        'beale',
        {
          task: 'beale',
          label: 'long',
          steps: 9,
          batchSize: 3,
          evaluations: 2,
          target: 0.5,
          scale: { size: 's', ratio: 2 },
        },
      ],
    });
    expect(tasks[1]).toMatchObject({ label: 'long', task: 'beale', steps: 9, batchSize: 3, evaluations: 2 });
    expect(tasks[1].target).toEqual({ metric: 'loss', value: 0.5 });
    expect(tasks[1].scale).toEqual({ size: 's', ratio: 2 });
  });

  test('methods that are defined without a schedule have none, unless the race says so', async () => {
    const { competitors } = await plan({
      competitors: [
        'schedule-free-adamw',
        'cosine(sgd)',
        'lbfgs',
        'sgd',
        { label: 'bare', optimizer: 'sgd', scheduled: false },
      ],
    });
    expect(competitors.map(({ scheduled }) => scheduled)).toEqual([false, false, false, true, false]);
  });

  test('the baseline is AdamW where it takes part, or who is named', async () => {
    expect((await plan({ competitors: ['sgd'] })).baseline).toBeNull();
    expect((await plan({ baseline: 'sgd' })).baseline).toBe('sgd');
  });
});

describe('objects in a race', () => {
  test('make it one that runs in this process', async () => {
    const { plan, cast, own } = await planRace({
      tasks: [rosenbrock()],
      competitors: [
        'sgd',
        { label: 'fast', optimizer: sgd({ momentum: 0.9 }) },
        { optimizer: adamw },
        adam,
        lion({ beta1: 0.95 }),
      ],
    });
    expect(own).toBe(true);
    expect(plan.competitors.map(({ label }) => label)).toEqual(['sgd', 'fast', 'adamw', 'adam', 'lion']);
    expect(plan.competitors[4].fixed).toEqual({ beta1: 0.95 });
    expect(plan.competitors[1]).toMatchObject({ optimizer: 'fast', fixed: { momentum: 0.9 } });
    expect(cast.optimizer('fast').values).toMatchObject({ momentum: 0.9 });
    expect(cast.optimizer('sgd').values).toMatchObject({ momentum: 0 });
  });

  test('two sizes of a task are two tasks', async () => {
    const sizes = [8, 16].map((hidden) => ({ task: mnistMlp({ hidden: [hidden] }), label: `hidden ${hidden}` }));
    const { tasks } = await plan({ tasks: sizes });
    expect(tasks.map(({ parameters }) => parameters)).toEqual([784 * 8 + 8 + 80 + 10, 784 * 16 + 16 + 160 + 10]);
    expect(tasks.map(({ task }) => task)).toEqual(['hidden 8', 'hidden 16']);
  });
});

const lr = (low: number, high: number, scale: 'log' | 'linear' | 'logOneMinus' = 'log') => ({
  lr: { scale, low, high },
});
const optimizer = (options: object) =>
  ({ competitors: ['adamw', { optimizer: 'sgd', ...options }] }) as Partial<RaceSpec>;

test.each<[Partial<Record<keyof RaceSpec, unknown>>, string]>([
  // Form.
  [{ tasks: [] }, 'tasks is []; it must name at least one task'],
  [{ tasks: 'mnist-mlp' }, 'tasks is "mnist-mlp"; it must be a list of tasks'],
  [{ competitors: undefined }, 'competitors is missing; it must be a list of optimizers'],
  [{ tusks: ['beale'] } as object, "a race has no field 'tusks'; did you mean 'tasks'?"],
  [{ tasks: [{ taks: 'beale' }] }, "tasks[0] has no field 'taks'; did you mean 'task'?"],
  [{ tasks: [{ task: 'beale', steps: 1.5 }] }, 'tasks[0].steps is 1.5; it must be a whole number from 1'],
  [{ tasks: [{ task: 'beale', batchSize: 0 }] }, 'tasks[0].batchSize is 0; it must be a whole number from 1'],
  [{ tasks: [{ task: 'beale', target: 'low' }] }, 'tasks[0].target is "low"; it must be a number, or an object'],
  [{ tasks: [{ task: 'beale', target: { metric: 'loss' } }] }, 'tasks[0].target.value is missing; it must be a number'],
  [
    { tasks: [{ task: 'beale', scale: { size: 's', ratio: 0 } }] },
    'tasks[0].scale.ratio is 0; it must be a positive number',
  ],
  [{ seeds: 1000 }, 'seeds is 1000; it must be a whole number from 1 to 999'],
  [{ seed: -1 }, 'seed is -1; it must be a whole number from 0'],
  [{ schedule: { warmup: 1, decay: 'none' } }, 'schedule.warmup is 1; it must lie in [0, 1)'],
  [{ schedule: { warmup: 0, decay: 'exp' } }, "schedule.decay is \"exp\"; it must be 'linear', 'cosine' or 'none'"],
  [{ engine: 'cuda' }, 'engine is "cuda"; it must be one of auto, onnx, wasm, reference'],
  [{ protocol: { trials: 3 } }, 'protocol.kind is missing; it must be the kind of a protocol'],
  // Names.
  [{ tasks: ['beale', 'mnist-mpl'] }, "tasks[1]: there is no task 'mnist-mpl'; did you mean 'mnist-mlp'?"],
  [{ competitors: ['sgd', 'adamww'] }, "competitors[1]: there is no optimizer 'adamww'; did you mean 'adamw'?"],
  [{ competitors: ['smm(sgd)'] }, "competitors[0]: there is no optimizer 'smm'; did you mean 'sam'?"],
  [{ competitors: ['sam(lbfgs)'] }, 'competitors[0]: sam(lbfgs): lbfgs runs its own loop and takes no wrapper'],
  [{ protocol: 'equal-bugdet' }, "there is no protocol 'equal-bugdet'; did you mean 'equal-budget'?"],
  [{ baseline: 'adamww' }, "baseline: there is no competitor 'adamww'; did you mean 'adamw'?"],
  [{ competitors: ['sgd', 'adam', 'sgd'] }, "competitors[2]: 'sgd' takes part twice, as competitors[0] too"],
  [{ tasks: ['beale', 'beale'] }, "tasks[1]: 'beale' takes part twice, as tasks[0] too; give one of them a label"],
  [{ tasks: [{ task: 'beale', label: 'a/b' }] }, "tasks[0].label is 'a/b'; it must not contain '/'"],
  [{ module: 'race.ts' }, "module is 'race.ts'; it must be a whole path"],
  [
    { tasks: [{ task: 'mnist-mlp', target: { metric: 'eror', value: 0.1 } }] },
    "tasks[0].target.metric is 'eror'; it must be one of loss, error",
  ],
  // Hyperparameters.
  [optimizer({ fixed: { momentum: 1.3 } }), 'competitors[1].fixed.momentum is 1.3; it must lie in [0, 1)'],
  [optimizer({ fixed: { nesterov: 1 } }), 'competitors[1].fixed.nesterov is 1; it must be true or false'],
  [
    optimizer({ fixed: { momentun: 0.9 } }),
    "competitors[1].fixed.momentun: sgd has no hyperparameter 'momentun'; did you mean 'momentum'?",
  ],
  [
    optimizer({ space: { speed: lr(1, 2).lr } }),
    "competitors[1].space.speed: sgd has no hyperparameter 'speed'; it has lr, ",
  ],
  [
    optimizer({ space: { nesterov: lr(1, 2).lr } }),
    "competitors[1].space.nesterov: sgd's nesterov is a flag; only numbers are tuned",
  ],
  [optimizer({ space: lr(0, 1) }), 'competitors[1].space.lr.low is 0; it must lie in (0, inf)'],
  [optimizer({ space: lr(1, 1) }), 'competitors[1].space.lr.low is 1; it must lie below high, which is 1'],
  [
    optimizer({ space: lr(0.5, 2, 'logOneMinus') }),
    'competitors[1].space.lr.high is 2; where 1 - value is on a log scale',
  ],
  [
    optimizer({ space: { weightDecay: { scale: 'log', low: 0, high: 1 } } }),
    'competitors[1].space.weightDecay.low is 0; on a log scale it must be positive',
  ],
  [
    optimizer({ space: { lr: { scale: 'ln', low: 1, high: 2 } } }),
    'competitors[1].space.lr.scale is "ln"; it must be \'linear\'',
  ],
  [
    optimizer({ space: lr(0.1, 1), fixed: { lr: 0.1 } }),
    'competitors[1].space.lr is to be tuned and is fixed, too; choose one',
  ],
  [
    optimizer({ grids: { dampening: [0.9] } }),
    'competitors[1].grids.dampening is not tuned; what is tuned: lr, momentum, weightDecay',
  ],
  [optimizer({ grids: { lr: [0.1, -1] } }), 'competitors[1].grids.lr is -1; it must lie in (0, inf)'],
  [optimizer({ grids: { lr: [] } }), 'competitors[1].grids.lr is []; it must be a list of at least one number'],
  [optimizer({ start: { lr: 0 } }), 'competitors[1].start.lr is 0; it must lie in (0, inf)'],
  [{ competitors: ['sgd[momentum=2]'] }, "competitors[0]: 'sgd[momentum=2]': momentum is 2; it must lie in [0, 1)"],
  [{ competitors: ['sgd[momentum]'] }, "competitors[0]: 'sgd[momentum]': 'momentum' sets nothing"],
  [{ competitors: ['sgd['] }, "competitors[0]: 'sgd[': the '[' at character 4 is never closed: sgd→["],
  // What a protocol cannot run.
  [{ protocol: { kind: 'equal-budget', tuneSteps: 3000 } }, 'tuneSteps is 3000'],
])('%j is refused: %s', async (wrong, message) => {
  await expect(planRace({ ...small, ...wrong } as RaceSpec)).rejects.toThrow(message);
});

test('what is no object is no race', async () => {
  for (const nothing of [null, 'race', 3, []]) {
    await expect(planRace(nothing as unknown as RaceSpec)).rejects.toThrow(
      'it must be an object: tasks and competitors',
    );
  }
});

test('a model or a loss that cannot be is said before anything runs', async () => {
  const broken = { ...mnistMlp(), loss: () => 3 as never };
  await expect(planRace({ ...small, tasks: ['beale', broken] })).rejects.toThrow(
    "tasks[1] (mnist-mlp): task 'mnist-mlp': the loss must be a float scalar",
  );
});

test('data that cannot be loaded is said before anything runs', async () => {
  const broken = { ...rosenbrock(), data: () => Promise.reject(new Error('no such folder')) };
  await expect(planRace({ ...small, tasks: [broken] })).rejects.toThrow(
    'tasks[0] (rosenbrock): its data cannot be loaded: no such folder',
  );
});
