import { duration, metricName, metricValue, number, plural, values } from '../lab/format.ts';
import type { RaceEvent, Trial } from '../lab/protocol.ts';
import { endOf, metricOf } from '../lab/score.ts';
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
        const { task, competitors, trials, tuneSteps, finalSeeds, steps, jobs } = event.protocol;
        say(
          `${task}: ${competitors.map(({ label }) => label).join(', ')}; ${plural(trials, 'trial')} of ${plural(tuneSteps, 'step')} each, then ${plural(finalSeeds.length, 'seed')} of ${plural(steps, 'step')}; ${jobs} at once`,
        );
      } else if (event.type === 'ended') say(describe(event.trial, race));
      else if (event.type === 'chosen' && event.trial === null) say(`${event.competitor}: no tuning trial finished`);
    },
  };
}

function describe(trial: Trial, race: RaceProgress): string {
  const { plan, outcome } = trial;
  const protocol = race.protocol;
  const left = race.secondsLeft;
  const clock = `[${duration(race.elapsed)}${Number.isFinite(left) && left > 0 ? `, ~${duration(left)} left` : ''}]`;
  const of = plan.phase === 'tune' ? protocol?.trials : protocol?.finalSeeds.length;
  const end = endOf(trial);
  const metric = protocol?.target.metric ?? 'loss';
  const result = end
    ? [
        ...new Set([
          `${metricName(metric)} ${metricValue(metric, metricOf(metric, end))}`,
          `validation loss ${number(end.loss)}`,
        ]),
      ].join(', ')
    : outcome.status === 'diverged'
      ? `diverged at step ${outcome.steps}`
      : [outcome.status, outcome.error].filter(Boolean).join(': ');
  const settings = plan.phase === 'tune' ? ` (${values(plan.values)})` : ` (seed ${plan.seed})`;
  return `${clock} ${plan.competitor} ${plan.phase} ${plan.index + 1}/${of}: ${result}${settings}`;
}
