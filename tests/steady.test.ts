import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { SteadyReport } from './steady-child.ts';

// The promise: a run holds at its last step what it held at its thousandth. Ten thousand steps in a process of its own.

const steps = 10_000;
const [kibibyte, mebibyte] = [2 ** 10, 2 ** 20];

function trained(model: string, engine: string): Promise<SteadyReport> {
  const flags = ['--conditions=thalweg-source', '--expose-gc', '--max-semi-space-size=64'];
  const file = join(import.meta.dirname, 'steady-child.ts');
  const child = spawn(process.execPath, [...flags, file, model, engine, `${steps}`], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let said = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    said += text;
  });
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code) => {
      if (code === 0) resolve(JSON.parse(said) as SteadyReport);
      else reject(new Error(`the run ended with exit code ${code}`));
    });
  });
}

describe.concurrent('ten thousand steps', () => {
  it.each([
    ['noisy', 'wasm', 3 * kibibyte], // dropout and running statistics
    ['noisy', 'onnx', 16 * kibibyte], // ONNX Runtime answers with new objects
    ['perceptron', 'wasm', 3 * kibibyte],
    ['perceptron', 'auto', 16 * kibibyte], // on both engines in turn
  ])(
    'of the %s model on %s hold no more memory than a thousand',
    async (model, engine, mostMadeByStep) => {
      const { held, madeByStep } = await trained(model, engine);
      const [first, last] = [held[0], held[held.length - 1]];
      expect([first.step, last.step]).toEqual([1000, steps]);
      expect(last.tensors).toBe(first.tensors);
      // The recorded curve has 500 points at most; the rest is what the JavaScript engine learns about the code.
      expect(last.objects - first.objects).toBeLessThan(0.5 * mebibyte);
      expect(last.resident - first.resident).toBeLessThan(16 * mebibyte);
      expect(madeByStep).toBeLessThan(mostMadeByStep);
    },
    240_000,
  );
});
