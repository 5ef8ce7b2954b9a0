import { appendFileSync, mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { divergedOutcome, finishedOutcome, protocolOf, trialPlan } from '../testing/race.ts';
import { readTrials, TrialFile } from './store.ts';

const path = () => join(mkdtempSync(join(tmpdir(), 'thalweg-store-')), 'trials.jsonl');
const plan = trialPlan('adamw', 'tune', 0);

test('gives back protocol and trials, and whether the race came to its end', () => {
  const at = path();
  const file = new TrialFile(at);
  const trial = { plan, outcome: finishedOutcome(plan, 0.2) };
  file.begin(protocolOf(['adamw']), {});
  file.add(trial);
  expect(readTrials(at)).toEqual({ protocol: protocolOf(['adamw']), trials: [trial], ended: false });
  file.end('finished');
  expect(readTrials(at).ended).toBe(true);
});

test('a line that was cut short by a kill is left out', () => {
  const at = path();
  const file = new TrialFile(at);
  file.begin(protocolOf(['adamw']), {});
  file.add({ plan, outcome: finishedOutcome(plan, 0.2) });
  appendFileSync(at, '{"record":"trial","plan":{"id":"adamw/tu');
  expect(readTrials(at).trials).toHaveLength(1);
});

test('numbers that JSON lacks are null, and an earlier race is not overwritten', () => {
  const at = path();
  const file = new TrialFile(at);
  file.begin(protocolOf(['adamw']), {});
  const outcome = { ...divergedOutcome(plan), trainLoss: [{ step: 7, loss: Number.NaN }] };
  file.add({ plan, outcome });
  expect(readFileSync(at, 'utf8')).toContain('"trainLoss":[{"step":7,"loss":null}]');
  expect(() => new TrialFile(at)).toThrow(/EEXIST/);
});
