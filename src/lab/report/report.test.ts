import { parseHTML } from 'linkedom';
import { describe, expect, test } from 'vitest';
import { divergedOutcome, finalTrials, finishedOutcome, protocolOf, trialPlan } from '../../testing/race.ts';
import { describeMachine } from '../machine.ts';
import type { RaceResult } from '../result.ts';
import { scoreRace } from '../score.ts';
import { renderReport } from './report.ts';

const labels = ['adamw', 'sam(sgd)', 'wild'];

function madeUpRace(changes: Partial<RaceResult> = {}): RaceResult {
  const protocol = protocolOf(labels);
  const tuning = labels.flatMap((label) =>
    [1e-3, 1e-2, 1e-1].map((lr, index) => {
      const plan = trialPlan(label, 'tune', index, lr);
      return { plan, outcome: index === 2 ? divergedOutcome(plan) : finishedOutcome(plan, 0.1 + 0.1 * index) };
    }),
  );
  const plan = trialPlan('wild', 'final', 0);
  const trials = [
    ...tuning,
    ...finalTrials('adamw', [0.05, 0.051, 0.052]),
    ...finalTrials('sam(sgd)', [0.06, 0.05, 0.2]),
    { plan, outcome: divergedOutcome(plan) },
  ];
  const rows = scoreRace(protocol, trials);
  const machine = { ...describeMachine(), cpu: 'A <cpu> & more' };
  return { status: 'finished', protocol, machine, trials, rows, seconds: 61, command: 'npx thalweg race', ...changes };
}

const pages = {
  'a whole race': madeUpRace(),
  'an interrupted race': madeUpRace({ status: 'interrupted' }),
  'a race without trials': madeUpRace({ status: 'interrupted', trials: [], rows: scoreRace(protocolOf(labels), []) }),
};

describe.each(Object.entries(pages))('the report of %s', (_, result) => {
  const page = renderReport(result);
  const { document } = parseHTML(page);

  test('is well-formed', () => {
    expect(unbalanced(page)).toEqual([]);
    expect(page).not.toMatch(/NaN|undefined|\[object/);
  });

  test('loads nothing: no script, no style sheet, no picture, no font from elsewhere', () => {
    expect(document.querySelectorAll('script, link, img, iframe, object, embed, image, use').length).toBe(0);
    expect(page).not.toMatch(/url\(|@import|@font-face/);
    const references = [...document.querySelectorAll('[src], [href]')].map((element) => element.getAttribute('href'));
    expect(references).toEqual(['trials.jsonl']);
    // Namespaces are names, not addresses.
    expect(page.replaceAll(/xmlns(:\w+)?="[^"]*"/g, '')).not.toMatch(/https?:/);
  });

  test('names every competitor, escaped', () => {
    for (const label of labels) expect(document.body.textContent).toContain(label);
    expect(page).toContain('A task &lt;for&gt; tests &amp; nothing else');
  });
});

test('the report shows the ranking, the intervals, what diverged, and how to repeat it', () => {
  const { document } = parseHTML(renderReport(madeUpRace()));
  const text = document.body.textContent ?? '';
  expect(document.querySelectorAll('svg').length).toBeGreaterThan(8);
  expect(text).toContain('5.10% ± 0.25');
  expect(text).toContain('1 final run diverged');
  expect(text).toContain('npx thalweg race');
  expect(text).toContain('run seeds 1, 2, 3');
});

/** Tags that are closed in the wrong place or not at all. */
function unbalanced(page: string): string[] {
  const empty = new Set(['meta', 'br', '!doctype']);
  const open: string[] = [];
  const wrong: string[] = [];
  const body = page.replaceAll(/<style>[\s\S]*?<\/style>/g, '');
  for (const [, close, name, rest] of body.matchAll(/<(\/?)([!\w:-]+)((?:"[^"]*"|[^">])*)>/g)) {
    if (empty.has(name.toLowerCase()) || rest.endsWith('/')) continue;
    if (close === '') open.push(name);
    else if (open.pop() !== name) wrong.push(name);
  }
  return [...wrong, ...open];
}
