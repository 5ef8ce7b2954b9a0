import * as tf from '@tensorflow/tfjs';
import { testFunctions } from '../../workloads/spec.ts';
import type { Loaded, Workload } from '../peer.ts';
import { tensor } from './tensors.ts';

type TestFunction = (x: tf.Tensor, y: tf.Tensor) => tf.Tensor;

const rosenbrock: TestFunction = (x, y) => y.sub(x.square()).square().mul(100).add(x.sub(1).square());

const beale: TestFunction = (x, y) => {
  const powers = [y, y.square(), y.square().mul(y)];
  return tf.addN([1.5, 2.25, 2.625].map((c, i) => x.mul(powers[i].sub(1)).add(c).square()));
};

const functions: Readonly<Record<(typeof testFunctions)[number], TestFunction>> = { rosenbrock, beale };

/** Gradient descent on a function of two variables. */
export function testFunction(workload: Workload): Loaded {
  const value = functions[testFunctions[workload.numbers.function]];
  const start = tensor(workload, 'w');
  const w = tf.variable(start);
  start.dispose();
  const optimizer = tf.train.sgd(workload.numbers.lr);
  let last: tf.Scalar | null = null;
  return {
    run(count) {
      for (let i = 0; i < count; i++) {
        last?.dispose();
        last = optimizer.minimize(() => value(...(w.unstack() as [tf.Tensor, tf.Tensor])).asScalar(), true, [w]);
      }
    },
    check: () => (last as tf.Scalar).dataSync()[0],
    dispose() {
      tf.dispose([w, last ?? []]);
      optimizer.dispose();
    },
  };
}
