import { testFunctions } from '../../workloads/spec.ts';
import type { Loaded, Workload } from '../peer.ts';

/** The value at (x, y); the gradient is written to `g`. */
type TestFunction = (x: number, y: number, g: Float32Array) => number;

const rosenbrock: TestFunction = (x, y, g) => {
  const valley = y - x * x;
  g[0] = -400 * x * valley - 2 * (1 - x);
  g[1] = 200 * valley;
  return 100 * valley * valley + (1 - x) * (1 - x);
};

const beale: TestFunction = (x, y, g) => {
  const [y2, y3] = [y * y, y * y * y];
  const a = 1.5 - x + x * y;
  const b = 2.25 - x + x * y2;
  const c = 2.625 - x + x * y3;
  g[0] = 2 * (a * (y - 1) + b * (y2 - 1) + c * (y3 - 1));
  g[1] = 2 * x * (a + 2 * b * y + 3 * c * y2);
  return a * a + b * b + c * c;
};

const functions: Readonly<Record<(typeof testFunctions)[number], TestFunction>> = { rosenbrock, beale };

/** Gradient descent with the gradient by hand. */
export function testFunction({ numbers, tensors }: Workload): Loaded {
  const value = functions[testFunctions[numbers.function]];
  const { lr } = numbers;
  const w = Float32Array.from(tensors.w.data);
  const g = new Float32Array(2);
  let last = Number.NaN;
  return {
    run(count) {
      for (let i = 0; i < count; i++) {
        last = value(w[0], w[1], g);
        w[0] -= lr * g[0];
        w[1] -= lr * g[1];
      }
    },
    check: () => last,
    dispose: () => {},
  };
}
