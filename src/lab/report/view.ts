import type { TaskScore } from '../analysis/score-types.ts';
import type { Phase, TaskPlan, Trial } from '../plan.ts';
import type { RaceResult } from '../result.ts';

/** A race with its trials in order, as the sections and charts of the report ask for them. */
export interface View {
  readonly result: RaceResult;
  readonly tasks: readonly TaskView[];
  /** The place of a competitor in the plan: its colour. */
  place(label: string): number;
}

export interface TaskView {
  /** Of its section, for links. */
  readonly id: string;
  readonly plan: TaskPlan;
  readonly score: TaskScore;
  place(label: string): number;
  trials(label: string, phase: Phase): readonly Trial[];
  /** Final runs that went to their end. */
  finals(label: string): readonly Trial[];
}

export function viewOf(result: RaceResult): View {
  const places = new Map(result.plan.competitors.map(({ label }, place) => [label, place]));
  const place = (label: string): number => places.get(label) ?? 0;
  const groups = Map.groupBy(result.trials, ({ plan }) => `${plan.task}/${plan.competitor}/${plan.phase}`);
  const tasks = result.tasks.map((score, index): TaskView => {
    const trials = (label: string, phase: Phase) => groups.get(`${score.task.label}/${label}/${phase}`) ?? [];
    const finals = (label: string) => trials(label, 'final').filter(({ outcome }) => outcome.status === 'finished');
    return { id: `task-${index + 1}`, plan: score.task, score, place, trials, finals };
  });
  return { result, tasks, place };
}
