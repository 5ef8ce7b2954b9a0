import { z } from 'zod';
import { log } from '../../optim/hyper.ts';
import { plural } from '../format.ts';
import type { CompetitorPlan, Ended, RacePlan, TaskPlan } from '../plan.ts';
import { getTuner, type TunerPlan, tunerOption } from '../tuners/index.ts';
import { type Protocol, ProtocolError } from './protocol.ts';
import { finalTrials, runStudy, type StudyPlan, sizeOfAll, studySize, tunerInWords } from './study.ts';

/** Above 0%, up to 100%. */
const percentage = /^(?=.*[1-9])(100(\.0+)?|\d{0,2}(\.\d+)?)%$/;

const noLength = {
  error: ({ input }: { readonly input?: unknown }) =>
    `is ${JSON.stringify(input)}; it must be a whole number from 1, a share of the task's steps such as '25%', or null for all of them`,
};

const shareOf = (percentage: string): number => Number.parseFloat(percentage) / 100;

const options = z.strictObject({
  tuner: tunerOption
    .prefault('quasi-random')
    .describe('How settings are chosen: the name of a tuner, or { kind, ...options }.'),
  tuneSteps: z
    .union(
      [
        z.int().min(1, noLength),
        z
          .string()
          .regex(percentage, noLength)
          .meta({ examples: ['25%'] }),
        z.null(),
      ],
      noLength,
    )
    .default(null)
    .describe(
      "Steps of a whole tuning run: a number, a share of the task's steps such as '25%', or null for as many as a final run has.",
    ),
  batched: z
    .union([z.literal('auto'), z.boolean()], {
      error: ({ input }) => `is ${JSON.stringify(input)}; it must be true, false or 'auto'`,
    })
    .default('auto')
    .describe(
      "Run quasi-random trials of one optimizer as one program; 'auto' does where the task has at most 20,000 parameters.",
    ),
});

export type EqualBudgetOptions = z.infer<typeof options>;

/** Up to here a step is too short for its trials to be worth a program of their own. */
const smallTask = 20_000;

/**
 * Every competitor has the same tuner with the same budget on every task. The setting that ended best goes to final runs on seeds that no
 * tuning run saw: choosing and judging on the same seeds would reward luck, the more of it the more settings were tried.
 */
export const equalBudget: Protocol<EqualBudgetOptions> = {
  kind: 'equal-budget',
  summary: 'every optimizer is tuned with the same budget on every task, then run on fresh seeds',
  source:
    'D. Choi et al. (2019), "On empirical comparisons of optimizers for deep learning", arXiv:1910.05446; R. Schmidt, F. Schneider and P. Hennig (2021), "Descending through a crowded valley", arXiv:2007.01547',
  options,
  check(race, { tuneSteps }) {
    for (const task of race.tasks) {
      const steps = stepsOf(task, tuneSteps);
      if (steps > task.steps) {
        throw new ProtocolError(
          `protocol.tuneSteps is ${tuneSteps}; a final run on '${task.label}' has ${task.steps} steps, and a tuning run must not have more`,
        );
      }
    }
  },
  describe,
  plan: (race, options, ended) =>
    studies(race, options).flatMap((study) => {
      const { trials, done } = runStudy(race, study, ended);
      const finals = done?.values ? finalTrials(race, study.task, study.competitor.label, done.values) : [];
      return [...trials, ...finals];
    }),
  choices: (race, options, ended: Ended) =>
    studies(race, options).flatMap((study) => {
      const { done } = runStudy(race, study, ended);
      return done ? [{ task: study.task.label, competitor: study.competitor.label, values: done.values }] : [];
    }),
  size: (race, options) => sizeOfAll(race, studies(race, options).map(studySize)),
};

/** Task by task, and within a task competitor by competitor. Competitors on one task share their search points. */
const studies = (race: RacePlan, { tuner, tuneSteps, batched }: EqualBudgetOptions): StudyPlan[] =>
  race.tasks.flatMap((task, i) =>
    race.competitors.map((competitor: CompetitorPlan) => ({
      task,
      competitor,
      tuner,
      seed: race.tuneSeed + i,
      steps: stepsOf(task, tuneSteps),
      batched: batched === 'auto' ? task.parameters <= smallTask : batched,
    })),
  );

function stepsOf({ steps }: TaskPlan, tuneSteps: EqualBudgetOptions['tuneSteps']): number {
  if (tuneSteps === null) return steps;
  if (typeof tuneSteps === 'number') return tuneSteps;
  return Math.max(1, Math.round(steps * shareOf(tuneSteps)));
}

/** Whether a tuner's runs all have the whole budget. */
function allWhole(tuner: TunerPlan): boolean {
  const steps = 1e6;
  const study = { space: { lr: log(0.1, 1) }, start: { lr: 0.1 }, steps, seed: 0 };
  const most = getTuner(tuner.kind).most(study, tuner.options);
  return most.steps === most.probes * steps;
}

function describe(race: RacePlan, { tuner, tuneSteps }: EqualBudgetOptions): string {
  const { tasks, competitors, finalSeeds } = race;
  const untuned = competitors.filter(({ space }) => Object.keys(space).length === 0).map(({ label }) => label);
  const metrics = [...new Set(tasks.map(({ target }) => target.metric))];
  const measure = metrics.length === 1 ? metrics[0] : "value of the task's metric";
  const length =
    tuneSteps === null
      ? 'as many steps as a final run'
      : typeof tuneSteps === 'number'
        ? plural(tuneSteps, 'step')
        : `${Number((100 * shareOf(tuneSteps)).toFixed(1))}% of the steps of a final run`;
  const runs = finalSeeds.length === 1 ? 'one final run on a seed' : `${finalSeeds.length} final runs on seeds`;
  return [
    `${tasks.length === 1 ? 'Each optimizer' : 'On every task, each optimizer'} was tuned with ${tunerInWords(tuner)}.`,
    `${allWhole(tuner) ? 'Tuning' : 'Whole tuning'} runs have ${length}; all of them share one seed.`,
    `The setting that ended with the lowest ${measure} on the validation set went to ${runs} that no tuning run saw.`,
    ...(untuned.length === 0 ? [] : [`${untuned.join(', ')} had nothing to tune.`]),
  ].join(' ');
}
