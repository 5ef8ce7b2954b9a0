import { endOf, metricOf } from '../lab/analysis/ends.ts';
import type { RaceEvent, RacePlan, Trial } from '../lab/plan.ts';
import type { Progress } from './progress-state.ts';

/** One JSON object for each event, on a line of its own: for programs. Numbers that JSON lacks (NaN, infinities) are null. */
export function jsonProgress(stream: NodeJS.WritableStream): Progress {
  let plan: RacePlan | undefined;
  const write = (value: object) => stream.write(`${JSON.stringify(value)}\n`);
  return {
    say: (text) => write({ type: 'note', text }),
    done: () => {},
    show(event) {
      if (event.type === 'prepared') plan = event.plan;
      if (plan) write(eventAsJson(event, plan));
    },
  };
}

/** An event without the curves of its trials: the lab has those. */
export function eventAsJson(event: RaceEvent, plan: RacePlan): object {
  switch (event.type) {
    case 'prepared':
      return { ...event, ended: event.ended.map((trial) => trialAsJson(trial, plan)) };
    case 'started':
      return { type: event.type, id: event.plan.id, attempt: event.attempt };
    case 'progress':
      return { type: event.type, id: event.plan.id, ...event.progress };
    case 'ended':
      return { type: event.type, ...trialAsJson(event.trial, plan) };
    case 'lost':
      return { type: event.type, id: event.plan.id, attempt: event.attempt, why: event.why };
    case 'chosen':
      return { type: event.type, ...event.choice };
    case 'warning':
      return event;
  }
}

function trialAsJson(trial: Trial, { tasks }: RacePlan): object {
  const { plan, outcome } = trial;
  const end = endOf(trial);
  const metric = tasks.find(({ label }) => label === plan.task)?.target.metric ?? 'loss';
  const { id, task, competitor, phase, index, seed, until, values } = plan;
  return {
    ...{ id, task, competitor, phase, index, seed, until, values },
    status: outcome.status,
    ...(outcome.error !== undefined && { error: outcome.error }),
    steps: outcome.steps,
    loss: end?.loss ?? null,
    metric: end ? metricOf(metric, end) : null,
    test: outcome.test ? metricOf(metric, outcome.test) : null,
    seconds: outcome.wallSeconds,
  };
}
