import { blockUntilReady, jit, valueAndGrad } from '@jax-js/jax';
import { testFunctions } from '../../workloads/spec.ts';
import type { Loaded, Workload } from '../peer.ts';
import { type JaxArray, tensor } from './arrays.ts';

type TestFunction = (w: JaxArray) => JaxArray;

const rosenbrock: TestFunction = (w) => {
  const [x, y] = w;
  const valley = square(y.sub(square(x.ref))).mul(100);
  return valley.add(square(x.sub(1)));
};

const beale: TestFunction = (w) => {
  const [x, y] = w;
  const terms = [1.5, 2.25, 2.625].map((c, i) => {
    const power = [1.5, 2.25, 2.625]
      .slice(0, i + 1)
      .map(() => y.ref)
      .reduce((a, b) => a.mul(b));
    return square(x.ref.mul(power.sub(1)).add(c));
  });
  x.dispose();
  y.dispose();
  return terms.reduce((a, b) => a.add(b));
};

const functions: Readonly<Record<(typeof testFunctions)[number], TestFunction>> = { rosenbrock, beale };

/** Gradient descent on a function of two variables. */
export function testFunction(workload: Workload): Loaded {
  const { lr, function: index } = workload.numbers;
  const valueAndGradient = valueAndGrad(functions[testFunctions[index]]);
  let w = tensor(workload, 'w');
  let last: JaxArray | undefined;
  const step = jit((w: JaxArray): [JaxArray, JaxArray] => {
    const [value, gradient] = valueAndGradient(w.ref) as [JaxArray, JaxArray];
    return [value, w.sub(gradient.mul(lr))];
  });
  return {
    async run(count) {
      for (let i = 0; i < count; i++) {
        last?.dispose();
        [last, w] = step(w);
        await blockUntilReady([last, w]);
      }
    },
    check: async () => (await (last as JaxArray).ref.data())[0],
    dispose() {
      w.dispose();
      last?.dispose();
      step.dispose();
    },
  };
}

function square(x: JaxArray): JaxArray {
  return x.ref.mul(x);
}
