import { PassThrough } from 'node:stream';
import { describe, expect, test } from 'vitest';
import { divergedOutcome, finishedOutcome, protocolOf, trialPlan } from '../testing/race.ts';
import { lineProgress } from './progress-lines.ts';
import { render } from './progress-live.ts';
import { RaceProgress } from './progress-state.ts';

const labels = ['sgd', 'schedule-free-adamw', 'sam(clip-by-global-norm(adamw))'];

/** sgd has tuned and is at its first final run; the second is at its first trial; the third waits. */
function raceInProgress(): RaceProgress {
  const race = new RaceProgress();
  race.hear({ type: 'prepared', protocol: protocolOf(labels) });
  for (const index of [0, 1, 2]) {
    const plan = trialPlan('sgd', 'tune', index);
    race.hear({ type: 'started', plan });
    race.hear({ type: 'ended', trial: { plan, outcome: finishedOutcome(plan, 0.2 - 0.01 * index) } });
  }
  for (const plan of [trialPlan('sgd', 'final', 0), trialPlan(labels[1], 'tune', 0)]) {
    race.hear({ type: 'started', plan });
    race.hear({ type: 'progress', plan, progress: { step: 10, steps: plan.steps, loss: 1.25 } });
  }
  return race;
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: the escape character begins every colour code.
const plain = (text: string): string => text.replaceAll(/\u001b\[[0-9;]*m/g, '');

describe('the live view', () => {
  test.each([20, 30, 40, 50, 60, 80, 100, 120, 200])('fits a terminal of %d columns', (columns) => {
    const lines = render(raceInProgress(), columns).map(plain);
    expect(lines).toHaveLength(1 + labels.length);
    for (const line of lines) expect(line.length).toBeLessThan(columns);
  });

  test('shows stage, loss and best of each competitor where there is room', () => {
    const [, sgd, scheduleFree, sam] = render(raceInProgress(), 120).map(plain);
    expect(sgd).toMatch(/^sgd .*final 1\/3 .*loss 1.25 .*best validation error 18.00%/);
    expect(scheduleFree).toMatch(/tune 1\/3 .*loss 1.25/);
    expect(sam).toMatch(/waits/);
  });

  test('bars follow the steps done', () => {
    const [sgd, scheduleFree, sam] = raceInProgress().laps();
    // 3 * 50 tuning steps and 3 * 100 final ones.
    expect(sgd.share).toBeCloseTo(160 / 450);
    expect(scheduleFree.share).toBeCloseTo(10 / 450);
    expect(sam.share).toBe(0);
  });
});

test('without a terminal each trial that ends is one line', () => {
  const stream = new PassThrough({ encoding: 'utf8' });
  const progress = lineProgress(stream);
  progress.show({ type: 'prepared', protocol: protocolOf(['sgd']) });
  const plan = trialPlan('sgd', 'tune', 0);
  progress.show({ type: 'started', plan });
  progress.show({ type: 'ended', trial: { plan, outcome: divergedOutcome(plan) } });
  const lines = String(stream.read()).trim().split('\n');
  expect(lines).toHaveLength(2);
  expect(lines[1]).toMatch(/sgd tune 1\/3: diverged at step 7 \(lr 0.1\)$/);
});
