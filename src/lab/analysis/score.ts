import type { RacePlan, TaskPlan, Trial } from '../plan.ts';
import { getProtocol } from '../protocols/index.ts';
import type { RaceResult } from '../result.ts';
import { scoreAcross } from './across.ts';
import { rankFlips } from './flips.ts';
import { raceHeadline, taskHeadline } from './headline.ts';
import { isSound, type OwnTrials, scoreRows } from './rows.ts';
import type { TaskScore } from './score-types.ts';
import { tunability } from './tunability.ts';

export type RaceScore = Pick<RaceResult, 'tasks' | 'across' | 'findings' | 'headline' | 'protocol'>;

/**
 * All that a race shows, from its plan and the trials that ended. Pure: the same trials give the same scores whatever order they come in;
 * what is drawn at random follows from the seed of the race. Without `curves` two things are left out that no table shows and that take
 * most of the time: tunability and rank flips.
 */
export function scoreRace(race: RacePlan, trials: readonly Trial[], { curves = true } = {}): RaceScore {
  const inOrder = [...trials].sort((a, b) => a.plan.index - b.plan.index || (a.plan.id < b.plan.id ? -1 : 1));
  const { kind, options } = race.protocol;
  const protocol = getProtocol(kind);
  const common = inOrder.filter(({ plan }) => !protocol.aside?.(plan));
  const groups = Map.groupBy(common, ({ plan }) => keyOf(plan.task, plan.competitor, plan.phase));
  const trialsOf = (task: TaskPlan, label: string): OwnTrials => ({
    tuning: groups.get(keyOf(task.label, label, 'tune')) ?? [],
    final: groups.get(keyOf(task.label, label, 'final')) ?? [],
  });
  const tasks = race.tasks.map((task): TaskScore => {
    const rows = scoreRows(race, task, (label) => trialsOf(task, label));
    const labels = race.competitors.map(({ label }) => label);
    const sound = labels.filter((label) => isSound(trialsOf(task, label), task));
    return {
      task,
      rows,
      headline: taskHeadline(task, rows),
      tunability: curves
        ? tunability(race, task, new Map(labels.map((label) => [label, trialsOf(task, label).tuning])))
        : [],
      flips: curves ? rankFlips(task, new Map(sound.map((label) => [label, trialsOf(task, label).final]))) : [],
    };
  });
  const across = race.tasks.length < 2 ? null : scoreAcross(race, tasks, trialsOf);
  return {
    tasks,
    across,
    findings: protocol.findings?.(race, options, inOrder) ?? [],
    headline: raceHeadline(tasks, across),
    protocol: protocol.describe(race, options),
  };
}

const keyOf = (task: string, competitor: string, phase: Trial['plan']['phase']): string =>
  `${task}/${competitor}/${phase}`;
