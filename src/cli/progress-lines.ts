import { endOf, metricOf } from '../lab/analysis/ends.ts';
import { duration, metricName, metricValue, number, plural, quantityName, values, whole } from '../lab/format.ts';
import type { RaceEvent, TaskPlan, Trial, TrialPlan } from '../lab/plan.ts';
import { type Progress, RaceProgress } from './progress-state.ts';

/** A line for each trial that ends: for pipes, log files and CI. */
export function lineProgress(stream: NodeJS.WritableStream): Progress {
  const race = new RaceProgress();
  const say = (text: string) => stream.write(`${text}\n`);
  return {
    say,
    done: () => {},
    show(event: RaceEvent) {
      race.hear(event);
      if (event.type === 'prepared') {
        const { competitors, finalSeeds } = event.plan;
        const names = competitors.map(({ label }) => label).join(', ');
        const before = event.ended.length === 0 ? '' : `; ${event.ended.length} of them ended before`;
        say(
          `${title(race)}: ${names}; ${event.size.fewer ? 'at most ' : ''}${plural(event.size.trials, 'trial')}, ${plural(finalSeeds.length, 'final seed')}${before}`,
        );
      } else if (event.type === 'ended') {
        // One that was interrupted ends another time.
        if (event.trial.outcome.status !== 'interrupted') say(describe(event.trial, race));
      } else {
        const text = notice(event);
        if (text !== null) say(text);
      }
    },
  };
}

/** 'mnist-mlp: equal-budget'. */
export const title = ({ plan }: RaceProgress): string => (plan ? `${plan.name}: ${plan.protocol.kind}` : '');

/** '12 s, about 48 s left'. */
export function times({ elapsed, secondsLeft, size }: RaceProgress): string {
  const left = secondsLeft >= 0.5 ? `, ${size.fewer ? 'at most ' : ''}about ${duration(secondsLeft)} left` : '';
  return `${duration(elapsed)}${left}`;
}

/** What is worth a line of its own wherever a race is watched; null for the usual course of things. */
export function notice(event: RaceEvent): string | null {
  switch (event.type) {
    case 'lost':
      return `${event.plan.id}: ${event.why}; it starts again`;
    case 'warning':
      return event.text;
    case 'chosen': {
      const { task, competitor, values } = event.choice;
      return values === null ? `${task}: ${competitor}: no tuning trial finished` : null;
    }
    default:
      return null;
  }
}

function describe(trial: Trial, race: RaceProgress): string {
  const { plan } = trial;
  const clock = `[${times(race)}]`;
  const lap = race.laps().find(({ task, competitor }) => task.label === plan.task && competitor === plan.competitor);
  const count = lap ? ` ${lap.ended}/${lap.most}` : '';
  const settings = plan.phase === 'tune' ? ` (${values(plan.values)}${part(plan)})` : ` (seed ${plan.seed})`;
  const name = race.plan && race.plan.tasks.length > 1 ? `${plan.task} ${plan.competitor}` : plan.competitor;
  return `${clock} ${name} ${plan.phase}${count}: ${lap ? ending(trial, lap.task) : trial.outcome.status}${settings}`;
}

/** Of a probe that does not run to the end of its schedule. */
const part = ({ until, steps }: TrialPlan): string =>
  until < steps ? `; ${whole(until)} of ${plural(steps, 'step')}` : '';

function ending(trial: Trial, task: TaskPlan): string {
  const { outcome } = trial;
  const end = endOf(trial);
  if (outcome.status === 'diverged') return `diverged at step ${outcome.steps}`;
  if (!end) return [outcome.status, outcome.error].filter(Boolean).join(': ');
  const { metric } = task.target;
  const loss = `${quantityName(task, 'loss')} ${number(end.loss)}`;
  return metric === 'loss' ? loss : `${metricName(task)} ${metricValue(metric, metricOf(metric, end))}, ${loss}`;
}
