import { describe, expect, it } from 'vitest';
import { createAutoEngine } from '../runtime/auto/index.ts';
import type { Engine, TypedArray } from '../runtime/engine.ts';
import { Heap } from '../runtime/heap.ts';
import { createOnnxEngine } from '../runtime/onnx/index.ts';
import { evaluate } from '../runtime/reference/index.ts';
import { createWasmEngine } from '../runtime/wasm/index.ts';
import { parameter } from '../tensor/functions.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { grad, hvp, vmap } from '../tensor/transforms.ts';
import { relativeError } from '../testing/compute.ts';
import { placeholders, testContext } from '../testing/evaluate-model.ts';
import { lstm } from './lstm.ts';

const [n, steps, width, hidden] = [5, 4, 3, 7];
const model = lstm(width, hidden);
const params = placeholders(model.parameters, 'float32') as Record<string, Tensor<'parameter'>>;
const x = parameter('x', [n, steps, width]);

type Params = Record<string, Tensor>;
const loss = (p: Params, input: Tensor): Tensor => model.apply(p, input, testContext(true)).sin().sum();

/** What engines must agree on: derivatives of kernels, and of derivatives that have kernels. */
const programs: Record<string, Tensor[]> = {
  gradient: Object.values(grad(loss)(params, x)),
  'gradient of each example': Object.values(vmap((one: Tensor) => grad(loss)(params, one.expandDims(0)))(x)),
  'Hessian-vector product': Object.values(hvp((p: Params) => loss(p, x), [params], [params])[0]),
  'gradient of a gradient': Object.values(
    grad((p: Params) =>
      Object.values(grad(loss)(p, x))
        .map((g) => g.square().sum())
        .reduce((sum, g) => sum.add(g)),
    )(params),
  ),
};

const inputs = [...Object.values(params), x];
const numbers = inputs.map(({ size }, k) => Array.from({ length: size }, (_, i) => Math.fround(Math.sin(3 * i + k))));

async function run(engine: Engine, outputs: readonly Tensor[]): Promise<TypedArray[]> {
  const from = inputs.map((input, i) => {
    const buffer = engine.allocate(input.shape, input.dtype);
    buffer.data.set(numbers[i]);
    return buffer;
  });
  const to = outputs.map(({ shape, dtype }) => engine.allocate(shape, dtype));
  await (await engine.compile({ inputs, outputs })).bind(from, to)();
  return to.map(({ data }) => data.slice());
}

const engines: Record<string, () => Engine> = {
  onnx: () => createOnnxEngine(new Heap(), { threads: 1 }),
  wasm: () => createWasmEngine(new Heap()),
  'wasm with two threads': () => createWasmEngine(new Heap({ shared: true }), { threads: 2, taskTime: 1 }),
  'auto, always split': () => {
    const heap = new Heap();
    const onnx = async (): Promise<Engine> => createOnnxEngine(heap, { threads: 1 });
    return createAutoEngine(heap, { onnx, wasm: async () => createWasmEngine(heap) }, () => false);
  },
};

describe.each(Object.entries(engines))('an LSTM on %s', (_, create) => {
  const engine = create();
  it.each(Object.entries(programs))('%s', async (_, outputs) => {
    const found = await run(engine, outputs);
    const wanted = evaluate(outputs, new Map<Tensor, number[]>(inputs.map((input, i) => [input, numbers[i]])));
    found.forEach((data, i) => {
      expect(relativeError(data, wanted[i].data)).toBeLessThan(1e-5);
    });
  });
});
