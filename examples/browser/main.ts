import * as thalweg from 'thalweg';
import { drawCurve, type Point } from './curve.ts';
import { drawDigits } from './digits.ts';

// In the browser's console `thalweg` is the whole library.
Object.assign(globalThis, { thalweg });

const { createRuntime, getOptimizer, getTask, methods, train } = thalweg;

const element = (id: string): HTMLElement => document.getElementById(id) as HTMLElement;
const show = (id: string, text: string): void => {
  element(id).textContent = text;
};

/** Where the page finds the files of MNIST: beside itself. */
const from = new URL('.', document.baseURI);

async function run(form: FormData, signal: AbortSignal): Promise<void> {
  const text = (name: string): string => String(form.get(name));
  const steps = Number(text('steps'));
  const optimizer = getOptimizer(text('optimizer'), text('lr') === '' ? {} : { lr: Number(text('lr')) });
  const runtime = createRuntime({
    engine: text('engine') as thalweg.EngineName,
    browser: { device: text('device') as 'wasm' | 'webgpu' },
  });
  const task = getTask('mnist-mlp', { from });
  const curve = { batch: [] as Point[], validation: [] as Point[], steps };
  let began = 0;
  let drawn = 0;
  show('status', 'loading the data, compiling ...');
  const result = await train({
    task,
    optimizer,
    steps,
    runtime,
    signal,
    hooks: {
      onStep({ step, loss }) {
        const now = performance.now();
        if (step === 1) began = now;
        curve.batch.push({ step, loss });
        if (now - drawn < 100 && step < steps) return;
        drawn = now;
        show('status', 'training');
        show('step', `${step} / ${steps}`);
        show('loss', loss.toFixed(3));
        if (step > 1) show('rate', (((step - 1) * 1000) / (now - began)).toFixed(0));
        drawCurve(element('curve'), curve);
      },
      onEvaluation({ step, loss, metrics }) {
        curve.validation.push({ step, loss });
        show('accuracy', `${(100 * (1 - metrics.error)).toFixed(2)} %`);
      },
    },
  });
  drawCurve(element('curve'), curve);
  show('rate', (1000 / result.cost.millisecondsPerStep).toFixed(0));
  if (result.status !== 'diverged') await drawDigits(element('digits'), { task, result, runtime });
  show('status', `${result.status}; compiled in ${result.cost.compileSeconds.toFixed(1)} s`);
}

element('methods').append(...methods.map(({ id }) => new Option(id)));

/** The run in progress; pressing the button again ends it. */
let running: AbortController | undefined;

element('form').addEventListener('submit', async (event) => {
  event.preventDefault();
  if (running) return running.abort();
  running = new AbortController();
  show('button', 'Stop');
  try {
    await run(new FormData(event.target as HTMLFormElement), running.signal);
  } catch (error) {
    show('status', String(error));
  }
  show('button', 'Train');
  running = undefined;
});
