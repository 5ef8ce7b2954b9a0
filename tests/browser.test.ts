import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { adamw, createRuntime, data, type EngineName, getTask, type RuntimeOptions, train } from 'thalweg';
import { build, type PreviewServer, preview, type Rolldown } from 'vite';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { chromiumPath, complaints, launch } from './chromium.ts';

// The example page, built as a user would build it, in a headless browser. The page gives its console the whole library as
// `thalweg`; most tests call that.

type Library = typeof import('thalweg');

/** What a run in the page tells of itself. */
interface Told {
  readonly losses: readonly number[];
  readonly error: number;
}

const root = join(import.meta.dirname, '..', 'examples', 'browser');

describe.skipIf(chromiumPath === undefined)('in a browser', { timeout: 300_000 }, () => {
  let outDir: string;
  let server: PreviewServer;
  let browser: Browser;
  let page: Page;
  const heard: string[] = [];
  let chunks: Rolldown.OutputChunk[];

  beforeAll(async () => {
    outDir = await mkdtemp(join(tmpdir(), 'thalweg-page-'));
    const built = await build({ root, logLevel: 'error', build: { outDir, emptyOutDir: true } });
    chunks = (built as Rolldown.RolldownOutput).output.filter((file) => file.type === 'chunk');
    server = await preview({ root, logLevel: 'error', build: { outDir }, preview: { host: '127.0.0.1', port: 0 } });
    browser = await launch(chromiumPath as string);
    page = await open(browser);
  }, 300_000);

  afterAll(async () => {
    await browser?.close();
    await server?.close();
    await rm(outDir, { recursive: true, force: true });
  });

  /** A page whose complaints are heard. */
  const open = async (browser: Browser): Promise<Page> => {
    const opened = await browser.newPage();
    complaints(opened, heard);
    await opened.goto(server.resolvedUrls?.local[0] as string);
    return opened;
  };

  const inLibrary = <T, A>(use: (library: Library, argument: A) => Promise<T>, argument: A): Promise<T> =>
    page.evaluate(`(${use})(globalThis.thalweg, ${JSON.stringify(argument)})`);

  const trainInPage = (options: RuntimeOptions, steps: number): Promise<Told> =>
    inLibrary(
      async ({ adamw, createRuntime, getTask, train }, { options, steps }) => {
        const losses: number[] = [];
        const result = await train({
          task: getTask('mnist-mlp', { from: location.href }),
          optimizer: adamw(),
          steps,
          seed: 3,
          evaluateEvery: steps,
          runtime: createRuntime(options),
          hooks: { onStep: ({ loss }) => losses.push(loss) },
        });
        return { losses, error: result.validation[0].metrics.error };
      },
      { options, steps },
    );

  it('is bundled without anything of Node but what binaryen asks for and does not need there', () => {
    // What a browser lacks becomes one empty module.
    const empty = chunks.filter(({ moduleIds }) => moduleIds.some((id) => id.includes('browser-external')));
    expect(empty.map(({ moduleIds }) => moduleIds.length)).toEqual([1]);
    const importers = chunks.filter((chunk) => [...chunk.imports, ...chunk.dynamicImports].includes(empty[0].fileName));
    expect(importers.map(({ name }) => name)).toEqual(['binaryen']);
  });

  it.each<EngineName>(['auto', 'wasm', 'onnx'])('%s trains mnist-mlp', async (engine) => {
    const { losses, error } = await trainInPage({ engine }, 200);
    const mean = (values: readonly number[]) => values.reduce((a, b) => a + b, 0) / values.length;
    expect(losses).toHaveLength(200);
    expect(losses[0]).toBeCloseTo(Math.log(10), 0);
    expect(mean(losses.slice(-20))).toBeLessThan(0.4);
    expect(error).toBeLessThan(0.1);
  });

  it('computes what the reference computes in Node: the same seed, the same numbers', async () => {
    const steps = 5;
    const expected: number[] = [];
    const splits = await data.mnist();
    await train({
      // The reference takes seconds to evaluate ten thousand images.
      task: {
        ...getTask('mnist-mlp'),
        data: async () => ({ ...splits, validation: data.slice(splits.validation, 0, 1) }),
      },
      optimizer: adamw(),
      steps,
      seed: 3,
      runtime: createRuntime({ engine: 'reference' }),
      hooks: { onStep: ({ loss }) => expected.push(loss) },
    });
    for (const engine of ['wasm', 'onnx'] as const) {
      const { losses } = await trainInPage({ engine }, steps);
      losses.forEach((loss, i) => {
        expect(Math.abs(loss / expected[i] - 1), `${engine}, step ${i + 1}`).toBeLessThan(2e-6);
      });
    }
  });

  it('races in the page, and refuses what needs files or processes with what to do instead', async () => {
    const told = await inLibrary(async ({ adamw, getTask, lab, tasks, train }, _) => {
      const refused = async (work: () => Promise<unknown>) => work().then(() => 'done', String);
      const small = {
        tasks: [{ task: 'quadratic', steps: 20 }],
        competitors: ['adamw', 'sgd'],
        protocol: { kind: 'equal-budget', tuner: { kind: 'quasi-random', trials: 2 } },
        seeds: 2,
      };
      const members = { kind: 'equal-budget', tuner: { kind: 'population', population: 3, generations: 2 } };
      const quadratic = getTask('quadratic');
      const checkpoint = { directory: 'here', every: 1 };
      const statuses = async (race: ReturnType<typeof lab.race>) =>
        [...new Set((await race).trials.map(({ outcome }) => outcome.status))].join();
      return {
        raced: (await lab.race(small)).tasks[0].rows.length,
        // Its trials go on from checkpoints, which a page keeps in memory.
        members: await statuses(lab.race({ ...small, protocol: members })),
        jobs: await refused(() => lab.race({ ...small, jobs: 2 })),
        lab: await refused(() => lab.race({ ...small, lab: 'here' })),
        report: await refused(() => lab.race({ ...small, report: 'here' })),
        checkpoint: await refused(() => train({ task: quadratic, optimizer: adamw(), steps: 2, checkpoint })),
        data: await refused(() => tasks.mnistMlp().data()),
      };
    }, null);
    expect(told).toEqual({
      raced: 2,
      members: 'finished',
      jobs: expect.stringContaining('race with jobs: 1'),
      lab: expect.stringContaining("leave out 'lab'"),
      report: expect.stringContaining("leave out 'report'"),
      checkpoint: expect.stringContaining("leave out 'checkpoint'"),
      data: expect.stringContaining("option 'from'"),
    });
  });

  it('shows the run in the example page', async () => {
    await page.fill('[name=steps]', '300');
    await page.click('button');
    await page.waitForFunction(() => document.getElementById('status')?.textContent?.startsWith('finished'));
    const shown = (id: string) => page.textContent(`#${id}`);
    expect(await shown('step')).toBe('300 / 300');
    expect(Number.parseFloat((await shown('accuracy')) ?? '')).toBeGreaterThan(90);
    expect(Number(await shown('rate'))).toBeGreaterThan(0);
    expect(await page.locator('#curve svg path').count()).toBeGreaterThan(0);
    expect(await page.locator('#digits figure').count()).toBe(12);
  });

  it('computes dense algebra on a graphics card, as the reference does', async (context) => {
    const withGpu = await launch(chromiumPath as string, { webgpu: true });
    try {
      page = await open(withGpu);
      const adapter = await page.evaluate('navigator.gpu?.requestAdapter().then((adapter) => adapter !== null)');
      if (adapter !== true) context.skip('this Chromium has no WebGPU in software');
      const [found, expected] = await inLibrary(async ({ createRuntime, grad, parameter }, _) => {
        const [x, w] = [parameter('x', [8, 20]), parameter('w', [20, 16])];
        const gradient = grad((v: typeof w) => x.matmul(v).tanh().square().sum())(w);
        const compute = async (options: RuntimeOptions): Promise<number[]> => {
          const { engine } = createRuntime(options);
          const given = [engine.allocate(x.shape, x.dtype), engine.allocate(w.shape, w.dtype)];
          for (const { data } of given) data.set(Array.from(data, (_, i) => Math.sin(i)));
          const result = engine.allocate(w.shape, w.dtype);
          const compiled = await engine.compile({ inputs: [x, w], outputs: [gradient] });
          await compiled.bind(given, [result])();
          return [...result.data];
        };
        return [
          await compute({ engine: 'onnx', browser: { device: 'webgpu' } }),
          await compute({ engine: 'reference' }),
        ] as const;
      }, null);
      expect(found).toHaveLength(20 * 16);
      found.forEach((value, i) => {
        expect(value).toBeCloseTo(expected[i], 4);
      });
    } finally {
      await withGpu.close();
    }
  });

  it('says nothing on the console', () => {
    expect(heard).toEqual([]);
  });
});
