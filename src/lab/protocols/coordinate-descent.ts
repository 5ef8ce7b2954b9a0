import { z } from 'zod';
import { endOf } from '../analysis/ends.ts';
import type { CompetitorPlan, Ended, RacePlan, RaceSize, TaskPlan } from '../plan.ts';
import { coordinateDescentOptions } from '../tuners/coordinate-descent.ts';
import { scaleFindings } from './coordinate-descent-findings.ts';
import { type Protocol, ProtocolError } from './protocol.ts';
import { finalTrials, type Judge, runStudy, type StudyPlan, sizeOfAll, studySize } from './study.ts';

const options = coordinateDescentOptions.extend({
  tolerance: z
    .number()
    .min(0)
    .default(6.4e-3)
    .describe('Settings whose loss is within this of the best count as good as it.'),
  tuneAt: z
    .array(z.string())
    .min(1)
    .nullable()
    .default(null)
    .describe('Labels of the tasks to tune on; the others take the values of the nearest of these. null: all.'),
});

export type ScalesOptions = z.infer<typeof options>;

/**
 * The protocol of 'Fantastic pretraining optimizers': every competitor is tuned by coordinate descent at every scale (a model size and an
 * amount of data), and the losses at the end of decay are compared as amounts of data: how much of it the tuned baseline would need.
 *
 * Where the paper extrapolates hyperparameters to a scale that was not tuned by a fitted law, this takes those of the nearest tuned scale,
 * near by the logarithms of parameters and data: a law of four numbers wants more scales than most races have. The law is fitted and shown,
 * not used.
 */
export const coordinateDescentAtScales: Protocol<ScalesOptions> = {
  kind: 'coordinate-descent',
  summary:
    'every optimizer is tuned by coordinate descent at several scales; speed-ups are in data the baseline would need',
  source:
    'K. Wen, D. Hall, T. Ma and P. Liang (2025), "Fantastic pretraining optimizers and where to find them", arXiv:2509.02046',
  options,
  check,
  describe,
  plan: (race, given, ended) =>
    race.tasks.flatMap((task) =>
      race.competitors.flatMap((competitor) => {
        const own = isTuned(task, given) ? runStudy(race, studyAt(race, task, competitor, given), ended).trials : [];
        const values = chosen(race, task, competitor, given, ended)?.values;
        return [...own, ...(values ? finalTrials(race, task, competitor.label, values) : [])];
      }),
    ),
  choices: (race, given, ended) =>
    race.tasks.flatMap((task) =>
      race.competitors.flatMap((competitor) => {
        const done = chosen(race, task, competitor, given, ended);
        return done ? [{ task: task.label, competitor: competitor.label, values: done.values }] : [];
      }),
    ),
  size(race, given): RaceSize {
    const tuned = race.tasks.filter((task) => isTuned(task, given));
    const sizes = tuned.flatMap((task) =>
      race.competitors.map((competitor) => studySize(studyAt(race, task, competitor, given))),
    );
    return sizeOfAll(race, sizes);
  },
  findings: (race, given, trials) => {
    const ended = new Map(trials.map((trial) => [trial.plan.id, trial]));
    const optima = race.tasks
      .filter((task) => isTuned(task, given))
      .flatMap((task) =>
        race.competitors.map((competitor) => ({
          task,
          competitor,
          values: chosen(race, task, competitor, given, ended)?.values ?? null,
        })),
      );
    return scaleFindings(race, given.tolerance, optima, trials);
  },
};

const isTuned = ({ label }: TaskPlan, { tuneAt }: ScalesOptions): boolean => tuneAt === null || tuneAt.includes(label);

/** What scales are compared by is the loss, whatever the target's metric. */
const judgeByLoss: Judge = (trial) => {
  const loss = endOf(trial)?.loss ?? Number.POSITIVE_INFINITY;
  return Number.isFinite(loss)
    ? { score: loss, loss }
    : { score: Number.POSITIVE_INFINITY, loss: Number.POSITIVE_INFINITY };
};

const studyAt = (
  race: RacePlan,
  task: TaskPlan,
  competitor: CompetitorPlan,
  { delta, points, sweeps }: ScalesOptions,
): StudyPlan => ({
  task,
  competitor,
  tuner: { kind: 'coordinate-descent', options: { delta, points, sweeps } },
  seed: race.tuneSeed,
  judge: judgeByLoss,
});

const chosen = (race: RacePlan, task: TaskPlan, competitor: CompetitorPlan, given: ScalesOptions, ended: Ended) =>
  runStudy(race, studyAt(race, nearestTuned(race, task, given), competitor, given), ended).done;

/** The tuned scale that is nearest by the logarithms of parameters and of data; a tuned one itself. */
function nearestTuned(race: RacePlan, task: TaskPlan, given: ScalesOptions): TaskPlan {
  const far = (other: TaskPlan): number =>
    Math.hypot(
      Math.log(other.parameters / task.parameters),
      Math.log((other.scale?.ratio ?? 1) / (task.scale?.ratio ?? 1)),
    );
  return race.tasks
    .filter((other) => isTuned(other, given))
    .reduce((best, other) => (other === task || (best !== task && far(other) < far(best)) ? other : best));
}

function check({ tasks, competitors, baseline }: RacePlan, { tuneAt }: ScalesOptions): void {
  if (baseline === null) {
    const labels = competitors.map(({ label }) => `'${label}'`).join(', ');
    throw new ProtocolError(`baseline is missing; speed-ups are over a baseline, which must be one of ${labels}`);
  }
  const without = tasks.filter(({ scale }) => scale === undefined).map(({ label }) => `'${label}'`);
  if (without.length > 0) {
    throw new ProtocolError(
      `tasks: ${without.join(', ')} ${without.length === 1 ? 'has' : 'have'} no scale; each task needs scale: { size, ratio }, its model size by name and its data as a multiple of the least`,
    );
  }
  const bySize = Map.groupBy(tasks, ({ scale }) => scale?.size ?? '');
  for (const [size, of] of bySize) {
    const ratios = of.map(({ scale }) => scale?.ratio);
    const twice = ratios.find((ratio, i) => ratios.indexOf(ratio) < i);
    if (twice !== undefined) throw new ProtocolError(`tasks: size '${size}' has ratio ${twice} twice`);
    const parameters = new Set(of.map((task) => task.parameters));
    if (parameters.size > 1) {
      throw new ProtocolError(
        `tasks: those of size '${size}' have ${[...parameters].join(' and ')} parameters; one size is one model`,
      );
    }
  }
  if (![...bySize.values()].some((of) => of.length >= 3)) {
    throw new ProtocolError(
      'tasks: no size has three ratios; a law of loss against data is fitted to the baseline for each size, and takes three amounts of data',
    );
  }
  const labels = tasks.map(({ label }) => label);
  const unknown = tuneAt?.find((label) => !labels.includes(label));
  if (unknown !== undefined) {
    throw new ProtocolError(
      `protocol.tuneAt names '${unknown}', which is no task of the race; there are ${labels.join(', ')}`,
    );
  }
}

function describe(race: RacePlan, { delta, sweeps, tuneAt }: ScalesOptions): string {
  const { tasks, baseline, finalSeeds } = race;
  const sizes = new Set(tasks.map(({ scale }) => scale?.size)).size;
  const tuned = tuneAt === null ? 'at every scale' : `at ${tuneAt.join(', ')}`;
  return [
    `The tasks are ${tasks.length} scales of ${sizes === 1 ? 'one model size' : `${sizes} model sizes`}, with different amounts of data.`,
    `Each optimizer was tuned ${tuned} by coordinate descent: one hyperparameter after the other was set to the value of its grid with the lowest validation loss, if that was lower by more than ${delta}, until a whole sweep changed nothing or ${sweeps} sweeps were done.`,
    ...(tuneAt === null ? [] : ['At the other scales it has the values of the nearest of these.']),
    `The values it came to went to ${finalSeeds.length === 1 ? 'one final run on a seed' : `${finalSeeds.length} final runs on seeds`} that no tuning run saw.`,
    `Losses are those at the end of the schedule, never the best on the way; speed-ups compare the data that ${baseline} would need for the same loss.`,
    'The number of tuning runs depends on how long the descent goes on, and so differs between optimizers.',
  ].join(' ');
}
