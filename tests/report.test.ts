import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { scoreRace } from '../src/lab/analysis/score.ts';
import { describeMachine } from '../src/lab/machine.ts';
import { renderReport } from '../src/lab/report/report.ts';
import { log, logOneMinus } from '../src/optim/hyper.ts';
import { competitorPlan, type MadeUpRace, madeUpPlan, madeUpTrials } from '../src/testing/race.ts';
import { chromiumPath, complaints, launch } from './chromium.ts';

// The report in a real browser, as a file that somebody was sent: light and dark, on a desk and on a phone.

const command = `npx thalweg race --tasks mlp,gpt --optimizers "adamw,${'long-name-of-a-method,'.repeat(6)}sgd" --seed 1`;

function reportOf(race: MadeUpRace): string {
  const plan = madeUpPlan(race);
  const trials = madeUpTrials(plan, undefined, 8);
  const id = '1f2e3d';
  return renderReport({
    ...{ id, status: 'interrupted', plan, machine: describeMachine(), trials, seconds: 61, command },
    ...scoreRace(plan, trials),
  });
}

const space = { lr: log(1e-4, 1), beta1: logOneMinus(0.8, 0.999) };
const labels = [
  'adamw',
  'schedule-free-adamw',
  '<script>throw 1</script>',
  'sam(look-ahead(nesterov-accelerated-sgd))',
];
const pages = {
  'four tasks': { tasks: ['mlp', 'cnn', 'a-task-with-quite-a-long-name', 'gpt'], competitors: labels },
  'twenty competitors': { competitors: Array.from({ length: 20 }, (_, i) => competitorPlan(`method-${i}`, { space })) },
};
const screens = {
  'on a desk': { viewport: { width: 1280, height: 900 }, colorScheme: 'light' },
  'on a desk in the dark': { viewport: { width: 1280, height: 900 }, colorScheme: 'dark' },
  'on a tablet': { viewport: { width: 768, height: 1024 }, colorScheme: 'light' },
  'on a phone in the dark': {
    viewport: { width: 360, height: 740 },
    colorScheme: 'dark',
    isMobile: true,
    hasTouch: true,
  },
} satisfies Record<string, BrowserContextOptions>;

describe.skipIf(chromiumPath === undefined)('the report in a browser', () => {
  let folder: string;
  let browser: Browser;
  const heard: string[] = [];

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'thalweg-report-'));
    for (const [name, race] of Object.entries(pages)) await writeFile(join(folder, `${name}.html`), reportOf(race));
    browser = await launch(chromiumPath as string);
  });

  afterAll(async () => {
    await browser?.close();
    await rm(folder, { recursive: true, force: true });
  });

  async function open(name: keyof typeof pages, options: BrowserContextOptions): Promise<Page> {
    const context = await browser.newContext(options);
    const page = await context.newPage();
    complaints(page, heard);
    await page.goto(pathToFileURL(join(folder, `${name}.html`)).href);
    return page;
  }

  const cases: readonly (readonly [keyof typeof pages, keyof typeof screens])[] = [
    ['four tasks', 'on a desk'],
    ['four tasks', 'on a tablet'],
    ['four tasks', 'on a phone in the dark'],
    ['twenty competitors', 'on a desk in the dark'],
    ['twenty competitors', 'on a phone in the dark'],
  ];

  it.each(cases)('%s %s: nothing but tables scrolls sideways, every text can be read', async (name, screen) => {
    const page = await open(name, screens[screen]);
    await page.evaluate('document.querySelectorAll("details").forEach((one) => { one.open = true; })');
    const { width, wide, faint, texts } = (await page.evaluate(`(${examine})()`)) as Examined;
    expect(width).toBeLessThanOrEqual(screens[screen].viewport.width);
    expect(wide).toEqual([]);
    expect(texts).toBeGreaterThan(500);
    expect(faint).toEqual([]);
    await page.context().close();
  });

  it('copies the command by a button that the keyboard reaches', async () => {
    const page = await open('four tasks', { permissions: ['clipboard-read', 'clipboard-write'] });
    await page.getByRole('button', { name: 'Copy command' }).focus();
    await page.keyboard.press('Enter');
    await page.getByRole('status').filter({ hasText: 'Copied' }).waitFor();
    expect(await page.evaluate('navigator.clipboard.readText()')).toBe(command);
    await page.context().close();
  });

  it('where the clipboard is refused, it selects the command', async () => {
    const page = await open('four tasks', {});
    await page.evaluate(`
      navigator.clipboard.writeText = () => Promise.reject(new Error('refused'));
      document.execCommand = () => false;
    `);
    await page.getByRole('button', { name: 'Copy command' }).click();
    await page.getByRole('status').filter({ hasText: 'Selected' }).waitFor();
    expect(await page.evaluate('getSelection().toString()')).toBe(command);
    await page.context().close();
  });

  it('without JavaScript shows the command, and no button that does nothing', async () => {
    const page = await open('four tasks', { javaScriptEnabled: false });
    expect(await page.locator('#command').innerText()).toBe(command);
    expect(await page.getByRole('button').count()).toBe(0);
    await page.context().close();
  });

  it('runs no script of anybody else, should one get in', async () => {
    const context = await browser.newContext();
    const page = await context.newPage();
    const intruder = '<img src=x onerror="document.title = 1"><script>document.title = 2</script></body>';
    const report = await readFile(join(folder, 'four tasks.html'), 'utf8');
    await writeFile(join(folder, 'intruded.html'), report.replace('</body>', intruder));
    await page.goto(pathToFileURL(join(folder, 'intruded.html')).href);
    expect(await page.title()).toBe('thalweg race: made-up race');
    await context.close();
  });

  it('is named to a screen reader by its landmarks, headings and pictures', async () => {
    const page = await open('four tasks', {});
    for (const landmark of ['banner', 'navigation', 'main', 'contentinfo'] as const) {
      expect(await page.getByRole(landmark).count(), landmark).toBe(1);
    }
    expect(await page.getByRole('heading', { level: 1 }).count()).toBe(1);
    const pictures = await page.getByRole('img').all();
    expect(pictures.length).toBeGreaterThan(20);
    await page.getByRole('navigation').getByRole('link', { name: 'gpt' }).click();
    expect(new URL(page.url()).hash).toBe('#task-4');
    await page.context().close();
  });

  it('complains of nothing on the console', () => {
    expect(heard).toEqual([]);
  });
});

interface Examined {
  /** Of all that can be scrolled to. */
  readonly width: number;
  /** What is wider than the screen and not in a box of its own. */
  readonly wide: readonly string[];
  /** Texts with a contrast below 4.5. */
  readonly faint: readonly string[];
  /** How many were looked at. */
  readonly texts: number;
}

/** Runs in the page. */
function examine(): Examined {
  const channels = (color: string) => (color.match(/[\d.]+/g) ?? []).map(Number);
  const luminance = ([r, g, b]: number[]) => {
    const [x, y, z] = [r, g, b].map((c) => (c / 255 <= 0.04045 ? c / 255 / 12.92 : ((c / 255 + 0.055) / 1.055) ** 2.4));
    return 0.2126 * x + 0.7152 * y + 0.0722 * z;
  };
  const groundOf = (element: Element | null): number[] => {
    for (let at = element; at; at = at.parentElement) {
      const color = channels(getComputedStyle(at).backgroundColor);
      if (color.length === 3 || color[3] === 1) return color;
    }
    return [255, 255, 255];
  };
  const wide: string[] = [];
  for (const element of document.body.querySelectorAll('*')) {
    const box = element.getBoundingClientRect();
    if (box.width === 0 || element.closest('.scroll table, .sr, caption, svg *, .skip')) continue;
    if (box.right > innerWidth + 0.5 || box.left < -0.5) wide.push(`${element.tagName} ${element.className}`);
  }
  const faint: string[] = [];
  let texts = 0;
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const text = walker.currentNode.textContent?.trim() ?? '';
    const element = walker.currentNode.parentElement;
    if (text === '' || !element?.checkVisibility() || element.closest('script, style')) continue;
    texts++;
    const style = getComputedStyle(element);
    const ground = groundOf(element);
    const ink = channels(element.closest('svg') ? style.fill : style.color);
    const opacity = Number(element.closest('svg') ? style.fillOpacity : style.opacity);
    const seen = ink.slice(0, 3).map((c, i) => opacity * c + (1 - opacity) * ground[i]);
    const [low, high] = [luminance(seen), luminance(ground)].sort((a, b) => a - b);
    if ((high + 0.05) / (low + 0.05) < 4.5) faint.push(text);
  }
  return { width: document.documentElement.scrollWidth, wide, faint, texts };
}
