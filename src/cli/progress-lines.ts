import { duration, metricName, metricValue, number, plural, quantityName, values } from '../lab/format.ts';
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

function describe({ plan, outcome }: Trial, race: RaceProgress): string {
  const left = race.secondsLeft;
  const clock = `[${duration(race.elapsed)}${Number.isFinite(left) && left > 0 ? `, ~${duration(left)} left` : ''}]`;
  const of = plan.phase === 'tune' ? race.protocol?.trials : race.protocol?.finalSeeds.length;
  const settings = plan.phase === 'tune' ? ` (${values(plan.values)})` : ` (seed ${plan.seed})`;
  return `${clock} ${plan.competitor} ${plan.phase} ${plan.index + 1}/${of}: ${ending({ plan, outcome }, race)}${settings}`;
}

function ending(trial: Trial, { protocol }: RaceProgress): string {
  const { outcome } = trial;
  const end = endOf(trial);
  if (outcome.status === 'diverged') return `diverged at step ${outcome.steps}`;
  if (!end || !protocol) return [outcome.status, outcome.error].filter(Boolean).join(': ');
  const { metric } = protocol.target;
  const loss = `${quantityName(protocol, 'loss')} ${number(end.loss)}`;
  return metric === 'loss' ? loss : `${metricName(protocol)} ${metricValue(metric, metricOf(metric, end))}, ${loss}`;
}
