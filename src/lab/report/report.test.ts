import { createHash } from 'node:crypto';
import { parseHTML } from 'linkedom';
import { describe, expect, test } from 'vitest';
import { log, logOneMinus } from '../../optim/hyper.ts';
import {
  competitorPlan,
  divergedOutcome,
  finishedOutcome,
  type MadeUpRace,
  madeUpPlan,
  madeUpTask,
  madeUpTrials,
  trialPlan,
} from '../../testing/race.ts';
import { scoreRace } from '../analysis/score.ts';
import { describeMachine } from '../machine.ts';
import { type RacePlan, type Trial, type TrialPlan, withoutResult } from '../plan.ts';
import type { RaceResult } from '../result.ts';
import { renderReport } from './report.ts';
import { script, scriptHash } from './script.ts';
import { mostTrials } from './trials-section.ts';

const resultOf = (plan: RacePlan, trials: readonly Trial[], changes: Partial<RaceResult> = {}): RaceResult => ({
  id: '1f2e3d',
  status: 'finished',
  plan,
  machine: { ...describeMachine(), cpu: 'A <cpu> & more' },
  trials,
  ...scoreRace(plan, trials),
  seconds: 61,
  command: 'npx thalweg race --optimizers "adamw,sgd"',
  ...changes,
});

const raceOf = (race: MadeUpRace, tuning?: number): RaceResult => {
  const plan = madeUpPlan(race);
  return resultOf(plan, madeUpTrials(plan, undefined, tuning));
};

const space = { lr: log(1e-4, 1), beta1: logOneMinus(0.8, 0.999) };
const hostile = '<script>alert("1")</script>&\'';
const usual = ['adamw', 'sam(sgd)', hostile];
const four = ['mnist-mlp', 'mnist-cnn', 'lstm', 'gpt'];

const withFailures = (): RaceResult => {
  const plan = madeUpPlan({ competitors: usual });
  const sound = madeUpTrials(plan).filter((trial) => trial.plan.competitor !== hostile);
  const [first, second] = [trialPlan(hostile, 'final', 0), trialPlan(hostile, 'final', 1)];
  return resultOf(plan, [
    ...sound,
    { plan: first, outcome: divergedOutcome(first) },
    { plan: second, outcome: withoutResult('failed', 'Error: <b>no</b> memory') },
  ]);
};

const pages: Readonly<Record<string, () => RaceResult>> = {
  'one task': () => raceOf({ competitors: usual.map((label) => competitorPlan(label, { space })) }, 8),
  'four tasks': () => raceOf({ tasks: four, competitors: usual }),
  'one competitor': () => raceOf({ competitors: ['adamw'] }),
  'one final seed': () => raceOf({ competitors: usual, finalSeeds: [1] }),
  'twenty competitors': () => raceOf({ competitors: Array.from({ length: 20 }, (_, i) => `method-${i}`) }),
  'a function without data': () => {
    const task = madeUpTask('rosenbrock', { hasData: false, target: { metric: 'loss', value: 0.25 } });
    return raceOf({ tasks: [task], competitors: usual });
  },
  'a race with failures': withFailures,
  'an interrupted race without trials': () => {
    const plan = madeUpPlan({ tasks: four, competitors: usual });
    return resultOf(plan, [], { status: 'interrupted', id: null, command: null });
  },
  'a running race': () => {
    const plan = madeUpPlan({ competitors: usual });
    return resultOf(
      plan,
      madeUpTrials(plan).filter((trial) => trial.plan.phase === 'tune'),
      { status: 'running' },
    );
  },
};

describe.each(Object.entries(pages))('the report of %s', (_, make) => {
  const result = make();
  const page = renderReport(result);
  const { document } = parseHTML(page);
  const all = (selector: string) => [...document.querySelectorAll(selector)];

  test('is well-formed, and shows no leak of the language', () => {
    expect(unbalanced(page)).toEqual([]);
    expect(page).not.toMatch(/NaN|undefined|\[object|Infinity/);
    const ids = all('[id]').map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
  });

  test('loads nothing, and says to the browser that it may not', () => {
    expect(all('img, iframe, object, embed, image, use, script[src]')).toEqual([]);
    expect(all('link').map((link) => link.getAttribute('href'))).toEqual(['data:,']);
    expect(page).not.toMatch(/url\(|@import|@font-face/);
    expect(all('a').filter((link) => !document.querySelector(link.getAttribute('href') ?? ''))).toEqual([]);
    // Namespaces are names, not addresses.
    expect(page.replaceAll(/xmlns(:\w+)?="[^"]*"/g, '')).not.toMatch(/https?:/);
    expect(all('meta[http-equiv]')[0].getAttribute('content')).toContain("default-src 'none'");
  });

  test('names every competitor and task, escaped', () => {
    const text = document.body.textContent ?? '';
    for (const { label } of [...result.plan.competitors, ...result.plan.tasks]) expect(text).toContain(label);
    // Its own script, and no other.
    expect(all('script')).toHaveLength(1);
    expect(page).toContain('A task &lt;for&gt; tests &amp; nothing else');
  });

  test('has landmarks, one heading of the first level, and no level left out', () => {
    for (const landmark of ['header', 'nav[aria-label]', 'main', 'footer']) expect(all(landmark)).toHaveLength(1);
    const levels = all('h1, h2, h3, h4').map(({ tagName }) => Number(tagName[1]));
    expect(levels.filter((level) => level === 1)).toHaveLength(1);
    expect(levels[0]).toBe(1);
    levels.slice(1).forEach((level, i) => {
      expect(level - levels[i]).toBeLessThanOrEqual(1);
    });
  });

  test('says in words what each picture shows, and gives each table a caption and headers with a scope', () => {
    for (const svg of all('svg:not([aria-hidden])')) {
      expect(svg.getAttribute('role')).toBe('img');
      expect(svg.getAttribute('aria-label')).toMatch(/.{20,}/);
    }
    for (const table of all('table')) {
      expect(table.querySelector('caption')?.textContent).toMatch(/\w/);
      for (const row of table.querySelectorAll('tbody tr'))
        expect(row.querySelectorAll('th[scope=row]')).toHaveLength(1);
      for (const cell of table.querySelectorAll('thead th')) {
        expect(cell.getAttribute('scope')).toBe('col');
        expect(cell.textContent).toMatch(/\w/);
      }
    }
  });
});

const textOf = (result: RaceResult): string => parseHTML(renderReport(result)).document.body.textContent ?? '';

const finals = (label: string, errors: readonly number[]): Trial[] =>
  errors.map((error, index) => {
    const plan = trialPlan(label, 'final', index);
    return { plan, outcome: finishedOutcome(plan, error) };
  });

test('shows the headline with its interval, the metric of each with its own, and how to repeat the race', () => {
  const plan = madeUpPlan({ competitors: ['adamw', 'sgd'] });
  const result = resultOf(plan, [...finals('adamw', [0.05, 0.051, 0.052]), ...finals('sgd', [0.08, 0.0811, 0.0819])]);
  const { document } = parseHTML(renderReport(result));
  expect(document.querySelector('h1')?.textContent).toBe(result.headline);
  expect(document.querySelector('.basis')?.textContent).toContain('5.10% ± 0.25 (95% interval)');
  // By hand: differences 3, 3.01, 2.99 points; 4.303 × 0.01 / √3.
  expect(document.querySelector('.basis')?.textContent).toContain('sgd is behind it by 3.00 ± 0.02 percentage points');
  expect(document.getElementById('command')?.textContent).toBe(result.command);
  expect(document.getElementById('plan')?.textContent).toBe(JSON.stringify(plan, null, 2));
});

test('shows a tie as a tie, and a winner only where there is one', () => {
  const plan = madeUpPlan({ competitors: ['adamw', 'sgd', 'lion'] });
  const trials = [
    ...finals('adamw', [0.05, 0.06, 0.07]),
    ...finals('sgd', [0.07, 0.06, 0.051]),
    ...finals('lion', [0.2, 0.21, 0.22]),
  ];
  const { document } = parseHTML(renderReport(resultOf(plan, trials)));
  const ranks = [...document.querySelectorAll('td.rank')].map((cell) => cell.textContent);
  expect(ranks).toEqual(['1=', '1=', '3']);
  expect(document.querySelectorAll('tr.first')).toHaveLength(2);
});

test('the pictures of a task say who is lowest', () => {
  const result = raceOf({ competitors: ['adamw', 'sgd'] }, 8);
  const { document } = parseHTML(renderReport(result));
  const labels = [...document.querySelectorAll('.wide svg')].map((svg) => svg.getAttribute('aria-label') ?? '');
  const first = result.tasks[0].rows[0].competitor.label;
  const about = (start: string) => labels.find((label) => label.startsWith(start));
  expect(about('validation error of 2 optimizers over 100 steps')).toContain(`lowest at the end: ${first} `);
  expect(about('validation error at the end of training')).toContain(`lowest: ${first} `);
  expect(about('expected validation error of the best')).toMatch(/lowest: .* after 8 trials/);
});

test('says what failed and why, what diverged, and that a race is not whole', () => {
  const text = textOf(withFailures());
  expect(text).toContain('1 final run diverged');
  expect(text).toContain('Error: <b>no</b> memory');
  expect(textOf(pages['a running race']())).toContain('Still running.');
  expect(textOf(pages['an interrupted race without trials']())).toContain('Interrupted.');
  expect(textOf(pages['one task']())).not.toMatch(/Interrupted|Still running/);
});

test('a function without data has neither a validation nor a test set', () => {
  const text = textOf(pages['a function without data']());
  expect(text).not.toMatch(/validation loss|test loss/);
});

test('several tasks have scores over all of them, and a section each', () => {
  const result = raceOf({ tasks: four, competitors: usual });
  const { document } = parseHTML(renderReport(result));
  const titles = [...document.querySelectorAll('h2')].map((title) => title.textContent);
  expect(titles).toEqual(['Across 4 tasks', ...four, 'How it was run', 'Trials']);
  expect(document.querySelectorAll('.headlines li')).toHaveLength(4);
  const across = document.querySelector('#across')?.textContent ?? '';
  for (const { nash, competitor } of result.across?.rows ?? []) {
    expect(across).toContain(competitor);
    expect(across).toContain(nash.toFixed(3));
  }
});

/** Of a race with the tuning trials changed. */
function retuned(change: (plan: TrialPlan) => Partial<TrialPlan>): string {
  const plan = madeUpPlan({ competitors: [competitorPlan('adamw', { space })] });
  const trials = madeUpTrials(plan).map((trial) =>
    trial.plan.phase === 'tune' ? { ...trial, plan: { ...trial.plan, ...change(trial.plan) } } : trial,
  );
  return textOf(resultOf(plan, trials));
}

test('the seeds are those that the trials had, whatever the protocol', () => {
  const seedsOf = (change: (plan: TrialPlan) => Partial<TrialPlan>) =>
    /of tuning trials: ([\d, ]+); of final runs: ([\d, ]+),/.exec(retuned(change))?.slice(1);
  expect(seedsOf(() => ({}))).toEqual(['0', '1, 2, 3']);
  expect(seedsOf(({ index }) => ({ seed: 4 + index }))).toEqual(['4, 5, 6', '1, 2, 3']);
  // Defaults that run on the final seeds, by which nothing is chosen.
  expect(seedsOf(({ index }) => ({ seed: index }))).toEqual(['0', '1, 2, 3']);
});

test('of tuning trials of several lengths the sensitivities are of one, and say so', () => {
  expect(retuned(() => ({}))).toContain('each tuning trial over');
  expect(retuned(({ index }) => (index === 0 ? {} : { until: 50 }))).toContain(
    'each tuning trial, of those as long as most of its optimizer, over',
  );
});

test('a loss that blew up is a triangle above the others, which keep their axis', () => {
  const plan = madeUpPlan({ competitors: [competitorPlan('adamw', { space })] });
  const trials = madeUpTrials(plan, undefined, 12);
  const page = (end: number): string => {
    const changed = trials.map((trial) =>
      trial.plan.phase === 'tune' && trial.plan.index === 11
        ? { ...trial, outcome: finishedOutcome(trial.plan, end) }
        : trial,
    );
    return renderReport(resultOf(plan, changed));
  };
  expect(page(0.5)).not.toMatch(/\d far above the others/);
  const blown = parseHTML(page(1e18)).document;
  const pictures = [...blown.querySelectorAll('.many svg')];
  expect(pictures).toHaveLength(Object.keys(space).length);
  for (const picture of pictures) {
    expect(picture.getAttribute('aria-label')).toContain('12 trials; lowest');
    expect(picture.getAttribute('aria-label')).toContain('1 far above the others');
    expect(picture.textContent).not.toMatch(/e1\d/);
  }
});

test('one task has no section over several', () => {
  expect(parseHTML(renderReport(raceOf({ competitors: usual }))).document.getElementById('across')).toBeNull();
});

test("shows the protocol's findings as they come", () => {
  const finding = {
    title: 'Speed-up <at> size',
    note: 'How to read & doubt it.',
    columns: [
      { head: 'size', align: 'left' },
      { head: 'speed-up', align: 'right' },
    ] as const,
    rows: [['small', '1.41×']],
  };
  const { document } = parseHTML(renderReport({ ...raceOf({ competitors: usual }), findings: [finding] }));
  const shown = document.getElementById('findings')?.textContent;
  for (const text of ['Speed-up <at> size', 'How to read & doubt it.', '1.41×']) expect(shown).toContain(text);
});

test('ten thousand trials make no page that a phone could not open, and it says what is missing and where it is', () => {
  const competitors = Array.from({ length: 10 }, (_, i) => competitorPlan(`method-${i}`, { space }));
  const result = raceOf({ competitors }, 997);
  expect(result.trials).toHaveLength(10_000);
  const page = renderReport(result);
  expect(page.length).toBeLessThan(3_000_000);
  const { document } = parseHTML(page);
  expect(document.querySelectorAll('#trials tbody tr')).toHaveLength(mostTrials);
  expect(document.getElementById('trials')?.textContent).toContain(
    '9,000 more are not on this page. thalweg export 1f2e3d writes all of them',
  );
});

test('the policy of the page lets its script run, and no other', () => {
  expect(scriptHash).toBe(`sha256-${createHash('sha256').update(script).digest('base64')}`);
});

/** Tags that are closed in the wrong place or not at all. */
function unbalanced(page: string): string[] {
  const empty = new Set(['meta', 'br', 'link', '!doctype']);
  const open: string[] = [];
  const wrong: string[] = [];
  const body = page.replaceAll(/<(style|script)>[\s\S]*?<\/\1>/g, '');
  for (const [, close, name, rest] of body.matchAll(/<(\/?)([!\w:-]+)((?:"[^"]*"|[^">])*)>/g)) {
    if (empty.has(name.toLowerCase()) || rest.endsWith('/')) continue;
    if (close === '') open.push(name);
    else if (open.pop() !== name) wrong.push(name);
  }
  return [...wrong, ...open];
}
