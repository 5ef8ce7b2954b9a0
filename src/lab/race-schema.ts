import { z } from 'zod';
import type { EngineName } from '../runtime/engine.ts';
import { isTask, optimizerOf } from './cast.ts';
import { nearest, RaceError } from './race-error.ts';
import type { RaceSpec } from './race-spec.ts';

/** The form of a race, as a file or a caller gives it. What its names and values mean is checked by `planRace`. */

const engines = ['auto', 'onnx', 'wasm', 'reference'] as const satisfies readonly EngineName[];

/** A refusal says what a value must do: 'tasks[0].steps is 0; it must be a whole number from 1'. */
const must = (what: string) => ({ error: what });

const count = (what: string) =>
  z.int(must('be a whole number from 1')).min(1, must('be a whole number from 1')).describe(what);
const text = (what: string) =>
  z.string(must('be a string')).min(1, must('be a string that is not empty')).describe(what);
const number = z.number(must('be a number'));
const values = z.union([z.number(), z.boolean(), z.string()], must('be a number, true, false or a string'));

/** An object with these fields and no others; the refusal of another one names the nearest. */
const object = <Shape extends z.ZodRawShape>(shape: Shape, what: string) =>
  z.strictObject(shape, {
    error: (issue) => {
      if (issue.code !== 'unrecognized_keys') return `be an object: ${what}`;
      const [key] = (issue as unknown as { readonly keys: readonly string[] }).keys;
      const known = Object.keys(shape);
      const near = nearest(key, known);
      return `has no field '${key}'; ${near ? `did you mean '${near}'?` : `it has ${known.join(', ')}`}`;
    },
  });

const byName = <T extends z.ZodType>(value: T, what: string) =>
  z.record(z.string(), value, must('be an object, by hyperparameter')).describe(what);

const tuningRange = object(
  {
    scale: z
      .enum(['linear', 'log', 'logOneMinus'], must("be 'linear', 'log' or 'logOneMinus'"))
      .describe("How values are drawn; 'logOneMinus' is log-uniform in 1 - value, for momenta near 1."),
    low: number,
    high: number,
  },
  "scale, low and high, as in { scale: 'log', low: 0.001, high: 1 }",
);

const warmup = 'lie in [0, 1)';

const schedule = object(
  {
    warmup: z
      .number(must(warmup))
      .min(0, must(warmup))
      .lt(1, must(warmup))
      .describe('Share of the steps in which the learning rate rises linearly.'),
    decay: z
      .enum(['linear', 'cosine', 'none'], must("be 'linear', 'cosine' or 'none'"))
      .describe('How it falls to zero.'),
  },
  "warmup and decay, as in { warmup: 0.05, decay: 'cosine' }",
).describe('The learning rate of every run. Default: 5% linear warm-up, then linear decay to zero.');

const target = z
  .union([number, object({ metric: text("'loss' or a metric"), value: number }, 'metric and value')], {
    error: "be a number, or an object: metric and value, as in { metric: 'loss', value: 0.1 }",
  })
  .describe("A value of the task's own metric that counts as done, or another metric and its value.");

const scale = object(
  {
    size: text('Which model size it is.'),
    ratio: z
      .number(must('be a positive number'))
      .positive(must('be a positive number'))
      .describe('How much data it sees, as a multiple of the smallest budget.'),
  },
  'size and ratio',
).describe('For protocols that compare scales.');

const namedTask = text('Name of a task: of the registry (see `thalweg tasks`) or of the module.');
const namedOptimizer = text(
  'Name of an optimizer: of the registry (see `thalweg methods`), composed, or of the module.',
);

const taskOptions = <T extends z.ZodType>(task: T) =>
  object(
    {
      task,
      label: text('What tables and charts call it. Default: its name.').optional(),
      steps: count("Steps of a whole run. Default: the task's budget.").optional(),
      batchSize: count("Default: the task's own.").optional(),
      evaluations: count('Evaluations in a final run, evenly spaced. Default 20.').optional(),
      target: target.optional(),
      scale: scale.optional(),
    },
    "a task and its options, as in { task: 'mnist-mlp', steps: 500 }",
  );

const competitorOptions = <T extends z.ZodType>(optimizer: T) =>
  object(
    {
      label: text("What tables and charts call it. Default: the optimizer's name.").optional(),
      optimizer,
      fixed: byName(values, 'Values that are not tuned.').optional(),
      space: byName(
        tuningRange,
        'What is tuned, and where. Default: the ranges that the optimizer declares.',
      ).optional(),
      grids: byName(
        z.array(number, must('be a list of numbers')).min(1, must('be a list of at least one number')),
        'The values that a coordinate-wise search tries.',
      ).optional(),
      start: byName(
        number,
        "Where a search that needs a beginning begins. Default: the optimizer's defaults.",
      ).optional(),
      scheduled: z
        .boolean(must('be true or false'))
        .describe("Whether the race's schedule applies. Default: yes, but for methods that are defined without one.")
        .optional(),
    },
    "an optimizer and its options, as in { optimizer: 'sgd', fixed: { momentum: 0.9 } }",
  );

const raceOf = <T extends z.ZodType, C extends z.ZodType, P extends z.ZodType>(task: T, competitor: C, protocol: P) =>
  object(
    {
      name: text('Default: the labels of its tasks.').optional(),
      tasks: z
        .array(task, must('be a list of tasks'))
        .min(1, must('name at least one task'))
        .describe('What is trained.'),
      competitors: z
        .array(competitor, must('be a list of optimizers'))
        .min(1, must('name at least one optimizer'))
        .describe('What competes.'),
      protocol: protocol.optional(),
      seeds: z
        .int(must('be a whole number from 1 to 999'))
        .min(1, must('be a whole number from 1 to 999'))
        .max(999, must('be a whole number from 1 to 999'))
        .describe('Final runs of each competitor on each task. Default 3.')
        .optional(),
      seed: z
        .int(must('be a whole number from 0'))
        .min(0, must('be a whole number from 0'))
        .describe('Search points and run seeds follow from it. Default 0.')
        .optional(),
      schedule: schedule.optional(),
      baseline: text("Label of the competitor that speed-ups are measured against. Default 'adamw'.").optional(),
      engine: z
        .enum(engines, must(`be one of ${engines.join(', ')}`))
        .describe("What computes. Default 'auto'.")
        .optional(),
      module: text('File that exports tasks and optimizers of your own.').optional(),
    },
    'tasks and competitors',
  );

const protocolOptions = z
  .union(
    [z.string(), z.looseObject({ kind: z.string(must('be the kind of a protocol')) })],
    must("be a protocol's kind, or an object with its kind and options"),
  )
  .describe('How settings are chosen and judged. Default: equal-budget.');

const ownTask = z.custom(isTask, must('be a name or a task (made by defineTask, say)'));
const ownOptimizer = z.custom(
  (value) => optimizerOf(value) !== null,
  must('be a name or an optimizer (adamw({ lr: 0.01 }), say)'),
);

const nameOrTask = z.union([namedTask, ownTask], must('be a name or a task (made by defineTask, say)'));
const nameOrOptimizer = z.union(
  [namedOptimizer, ownOptimizer],
  must('be a name or an optimizer (adamw({ lr: 0.01 }), say)'),
);

/** Of a race in a call or a module: tasks and optimizers may be objects. */
const raceSpec = raceOf(
  z.union(
    [namedTask, ownTask, taskOptions(nameOrTask)],
    must("be a name, a task, or an object as in { task: 'mnist-mlp' }"),
  ),
  z.union(
    [namedOptimizer, ownOptimizer, competitorOptions(nameOrOptimizer)],
    must("be a name, an optimizer, or an object as in { optimizer: 'sgd' }"),
  ),
  protocolOptions,
);

/** Refuses what does not have the form of a race: RaceError names the field. */
export function checkRaceSpec(spec: unknown): asserts spec is RaceSpec {
  const { error } = raceSpec.safeParse(spec);
  if (error) throw new RaceError(explain(error.issues, spec));
}

/** The form of a race in JSON, for a schema that editors read. `protocol` is that of the field. */
export const jsonRace = <P extends z.ZodType>(protocol: P) =>
  raceOf(
    z.union([namedTask, taskOptions(namedTask)]),
    z.union([namedOptimizer, competitorOptions(namedOptimizer)]),
    protocol,
  );

type Issue = z.core.$ZodIssue;

/** The first thing that is wrong, in one line. A field that does not exist goes before those that are missing for it. */
function explain(issues: readonly Issue[], input: unknown): string {
  const { code, path, message } = innermost(issues.find(({ code }) => code === 'unrecognized_keys') ?? issues[0]);
  const where = path.reduce<string>(
    (text, key) => text + (typeof key === 'number' ? `[${key}]` : `.${String(key)}`),
    '',
  );
  const field = where.replace(/^\./, '') || 'a race';
  if (code === 'unrecognized_keys') return `${field} ${message}`;
  const value = path.reduce<unknown>((inside, key) => (inside as Record<PropertyKey, unknown>)?.[key], input);
  return `${field} ${value === undefined ? 'is missing' : `is ${show(value)}`}; it must ${message}`;
}

/** Of the forms that a value may have, the one that was meant is that whose own form fits; the trouble lies inside it. */
function innermost(issue: Issue): Issue {
  if (issue.code !== 'invalid_union') return issue;
  const meant = issue.errors.filter((branch) =>
    branch.every(({ path, code }) => path.length > 0 || code === 'unrecognized_keys'),
  );
  if (meant.length !== 1) return issue;
  const [branch] = meant;
  const inner = innermost(branch.find(({ code }) => code === 'unrecognized_keys') ?? branch[0]);
  return { ...inner, path: [...issue.path, ...inner.path] };
}

/** A value in a message, cut short. */
function show(value: unknown): string {
  if (typeof value === 'function') return 'a function';
  if (typeof value === 'number') return String(value);
  const text = JSON.stringify(value) ?? String(value);
  return text.length > 60 ? `${text.slice(0, 57)}...` : text;
}
