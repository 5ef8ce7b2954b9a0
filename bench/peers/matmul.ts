import { createRuntime } from '../../src/runtime/runtime.ts';
import { parameter } from '../../src/tensor/functions.ts';
import { type Contender, numbers } from '../data.ts';

/** One n x n matrix product by ONNX Runtime: the rate that a matmul-bound step can hope for on this machine. */
export async function matmul(n: number): Promise<Contender> {
  const { engine } = createRuntime({ engine: 'onnx' });
  const [a, b] = [parameter('a', [n, n]), parameter('b', [n, n])];
  const executable = await engine.compile({ inputs: [a, b], outputs: [a.matmul(b)] });
  const [x, y, z] = [1, 2, 3].map(() => engine.allocate([n, n], 'float32'));
  x.data.set(numbers(n * n, 1));
  y.data.set(numbers(n * n, 2));
  return { peer: `matmul ${n}`, step: executable.bind([x, y], [z]) };
}
