import { PassThrough } from 'node:stream';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import type { RaceEvent, RacePlan, TrialPlan } from '../lab/plan.ts';
import { getProtocol, protocolPlan } from '../lab/protocols/index.ts';
import { divergedOutcome, finishedOutcome, madeUpPlan, madeUpTask, trialPlan } from '../testing/race.ts';
import { jsonProgress } from './progress-json.ts';
import { lineProgress } from './progress-lines.ts';
import { render } from './progress-live.ts';
import { RaceProgress } from './progress-state.ts';

const labels = ['sgd', 'schedule-free-adamw', 'sam(clip-by-global-norm(adamw))'];

const planOf = (competitors: readonly string[], tasks: readonly string[] = ['made-up']): RacePlan =>
  madeUpPlan({
    competitors,
    tasks,
    protocol: protocolPlan({ kind: 'equal-budget', tuner: { kind: 'quasi-random', trials: 3 } }),
  });
const prepared = (plan: RacePlan, ended: Extract<RaceEvent, { type: 'prepared' }>['ended'] = []): RaceEvent => ({
  type: 'prepared',
  plan,
  size: getProtocol(plan.protocol.kind).size(plan, plan.protocol.options),
  ended,
});
const started = (plan: TrialPlan): RaceEvent => ({ type: 'started', plan, attempt: 1 });
const finished = (plan: TrialPlan, error: number): RaceEvent => ({
  type: 'ended',
  trial: { plan, outcome: finishedOutcome(plan, error) },
});
const atStep = (plan: TrialPlan, step: number): RaceEvent => ({
  type: 'progress',
  plan,
  progress: { step, steps: plan.until, loss: 1.25 },
});

/** sgd has tuned and is at its first final run; the second is at its first trial; the third waits. */
function raceInProgress(): RaceProgress {
  const race = new RaceProgress();
  race.hear(prepared(planOf(labels)));
  for (const index of [0, 1, 2]) {
    const plan = trialPlan('sgd', 'tune', index);
    race.hear(started(plan));
    race.hear(finished(plan, 0.2 - 0.01 * index));
  }
  for (const plan of [trialPlan('sgd', 'final', 0), trialPlan(labels[1], 'tune', 0)]) {
    race.hear(started(plan));
    race.hear(atStep(plan, 10));
  }
  return race;
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: the escape character begins every colour code.
const plain = (text: string): string => text.replaceAll(/\u001b\[[0-9;]*m/g, '');
const drawn = (race: RaceProgress, columns: number, rows?: number): string[] => render(race, columns, rows).map(plain);

describe('the live view', () => {
  test.each([20, 30, 40, 50, 60, 80, 100, 120, 200])('fits a terminal of %d columns', (columns) => {
    const lines = drawn(raceInProgress(), columns);
    expect(lines).toHaveLength(1 + labels.length);
    for (const line of lines) expect(line.length).toBeLessThan(columns);
  });

  test('shows stage, loss and best of each competitor where there is room', () => {
    const [head, sgd, scheduleFree, sam] = drawn(raceInProgress(), 120);
    expect(head).toMatch(/^made-up race: equal-budget .*3 of 18 trials/);
    expect(sgd).toMatch(/^sgd .*final 4\/6 .*loss 1.25 .*best validation error 18.00%/);
    expect(scheduleFree).toMatch(/tune 1\/6 .*loss 1.25/);
    expect(sam).toMatch(/waits/);
  });

  test('bars follow the steps done', () => {
    const [sgd, scheduleFree, sam] = raceInProgress().laps();
    // Six runs of 100 steps each.
    expect(sgd.share).toBeCloseTo(310 / 600);
    expect(scheduleFree.share).toBeCloseTo(10 / 600);
    expect(sam.share).toBe(0);
  });

  test('of several tasks shows each competitor on each, or where the terminal is low the tasks, or the whole', () => {
    const race = new RaceProgress();
    race.hear(prepared(planOf(['sgd', 'adam'], ['first', 'second', 'third'])));
    const plan = trialPlan('adam', 'tune', 0, 0.1, madeUpTask('second'));
    race.hear(started(plan));
    const lines = drawn(race, 100, 20);
    expect(lines).toHaveLength(7);
    expect(lines[4]).toMatch(/^second adam .*tune 1\/6/);
    const tasks = drawn(race, 100, 6);
    expect(tasks).toHaveLength(4);
    expect(tasks[2]).toMatch(/^second .*0 of 2 done.*adam tune/);
    const whole = drawn(race, 100, 3);
    expect(whole).toHaveLength(2);
    expect(whole[1]).toMatch(/^made-up race .*0 of 6 done/);
    expect(drawn(race, 100, 1)).toHaveLength(1);
  });
});

describe('the state of a race', () => {
  test('begins with what had ended before, and counts it once', () => {
    const race = new RaceProgress();
    const plan = trialPlan('sgd', 'tune', 0);
    const trial = { plan, outcome: finishedOutcome(plan, 0.1) };
    race.hear(prepared(planOf(['sgd', 'adam']), [trial]));
    race.hear({ type: 'ended', trial });
    expect(race.ended).toBe(1);
    expect(race.laps()[0]).toMatchObject({ ended: 1, most: 6, state: 'pauses', share: 1 / 6 });
  });

  test('a competitor is done with its last final run, whatever its tuner could still have asked for', () => {
    const race = new RaceProgress();
    race.hear(prepared(planOf(['sgd'])));
    race.hear(finished(trialPlan('sgd', 'tune', 0), 0.1));
    race.hear({ type: 'chosen', choice: { task: 'made-up', competitor: 'sgd', values: { lr: 0.1 } } });
    for (const index of [0, 1, 2]) race.hear(finished(trialPlan('sgd', 'final', index), 0.1));
    expect(race.laps()[0]).toMatchObject({ state: 'done', share: 1, secondsLeft: 0 });
    expect(race.secondsLeft).toBe(0);
  });

  test('one for whom nothing could be chosen is out', () => {
    const race = new RaceProgress();
    race.hear(prepared(planOf(['sgd'])));
    race.hear({ type: 'chosen', choice: { task: 'made-up', competitor: 'sgd', values: null } });
    expect(race.laps()[0]).toMatchObject({ state: 'out', share: 1 });
    expect(drawn(race, 80)[1]).toContain('no trial finished');
  });

  test('a trial that goes on from another has only its own steps', () => {
    const race = new RaceProgress();
    race.hear(prepared(planOf(['sgd'])));
    const first = { ...trialPlan('sgd', 'tune', 0), until: 30 };
    race.hear(finished(first, 0.1));
    const next = { ...trialPlan('sgd', 'tune', 1), from: first.id };
    race.hear(started(next));
    race.hear(atStep(next, 40));
    expect(race.laps()[0].share).toBeCloseTo(40 / 600);
  });

  test('the time left is judged by the pace of steps, not by a set-up that is over', () => {
    vi.useFakeTimers({ toFake: ['performance'] });
    onTestFinished(() => void vi.useRealTimers());
    const race = new RaceProgress();
    race.hear(prepared(planOf(['sgd'])));
    const plan = trialPlan('sgd', 'tune', 0);
    race.hear(started(plan));
    vi.advanceTimersByTime(3000); // the set-up
    race.hear(atStep(plan, 1));
    expect(race.secondsLeft).toBeNaN();
    vi.advanceTimersByTime(1000);
    race.hear(atStep(plan, 51));
    // 50 steps a second, and 549 of six runs of 100 steps to go.
    expect(race.secondsLeft).toBeCloseTo(549 / 50);
  });

  test('lost trials are counted, and run no longer until they begin again', () => {
    const race = raceInProgress();
    const plan = trialPlan(labels[1], 'tune', 0);
    race.hear({ type: 'lost', plan, attempt: 1, why: 'its process ended by SIGKILL' });
    expect(race.restarts).toBe(1);
    expect(race.laps()[1].state).toBe('waits');
    expect(drawn(race, 120)[0]).toContain('1 restart');
    race.hear({ type: 'started', plan, attempt: 2 });
    expect(race.laps()[1].state).toBe('runs');
  });
});

const linesOf = (stream: PassThrough): string[] => String(stream.read()).trim().split('\n');

test('without a terminal each trial that ends is one line, and so is what goes wrong', () => {
  const stream = new PassThrough({ encoding: 'utf8' });
  const progress = lineProgress(stream);
  const plan = trialPlan('sgd', 'tune', 0);
  progress.show(prepared(planOf(['sgd'])));
  progress.show(started(plan));
  progress.show(atStep(plan, 5));
  progress.show({ type: 'lost', plan, attempt: 1, why: 'its process ended by SIGKILL' });
  progress.show({ type: 'warning', text: 'the machine is short of memory' });
  progress.show({ type: 'ended', trial: { plan, outcome: divergedOutcome(plan) } });
  progress.show({ type: 'chosen', choice: { task: 'made-up', competitor: 'sgd', values: null } });
  const lines = linesOf(stream);
  expect(lines).toHaveLength(5);
  expect(lines[0]).toBe('made-up race: equal-budget: sgd; 6 trials, 3 final seeds');
  expect(lines[1]).toBe('made-up/sgd/tune/0: its process ended by SIGKILL; it starts again');
  expect(lines[2]).toBe('the machine is short of memory');
  expect(lines[3]).toMatch(/sgd tune 1\/6: diverged at step 7 \(lr 0.1\)$/);
  expect(lines[4]).toBe('made-up: sgd: no tuning trial finished');
});

test('a probe that ends before its schedule says how far it went', () => {
  const stream = new PassThrough({ encoding: 'utf8' });
  const progress = lineProgress(stream);
  const plan = { ...trialPlan('sgd', 'tune', 0), until: 30 };
  progress.show(prepared(planOf(['sgd'])));
  progress.show(finished(plan, 0.1));
  expect(linesOf(stream)[1]).toMatch(/\(lr 0.1; 30 of 100 steps\)$/);
});

test('for programs each event is one JSON object, without curves', () => {
  const stream = new PassThrough({ encoding: 'utf8' });
  const progress = jsonProgress(stream);
  const plan = trialPlan('sgd', 'final', 1);
  for (const event of [prepared(planOf(['sgd'])), started(plan), atStep(plan, 5), finished(plan, 0.25)]) {
    progress.show(event);
  }
  progress.say('stopping');
  const events = linesOf(stream).map((line) => JSON.parse(line));
  expect(events.map(({ type }) => type)).toEqual(['prepared', 'started', 'progress', 'ended', 'note']);
  expect(events[2]).toEqual({ type: 'progress', id: plan.id, step: 5, steps: 100, loss: 1.25 });
  expect(events[3]).toMatchObject({ id: plan.id, phase: 'final', status: 'finished', metric: 0.25, loss: 0.75 });
  expect(events[3]).not.toHaveProperty('validation');
});
