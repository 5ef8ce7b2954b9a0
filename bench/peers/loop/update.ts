import { updateMethods } from '../../workloads/spec.ts';
import { descent, gradientOf, isParameter, type Loaded, Unsupported, type Workload } from '../peer.ts';

type Floats = Float32Array<ArrayBuffer>;
/** One step t (from 1) of a rule on one tensor. */
type Rule = (w: Floats, g: Floats, t: number) => void;

// Makers of rules with the state of one tensor of n numbers, as a careful programmer writes them without a library.

const sgdMomentum = (n: number): Rule => {
  const m = new Float32Array(n);
  return (w, g) => {
    for (let i = 0; i < n; i++) {
      m[i] = 0.9 * m[i] + g[i];
      w[i] -= 0.01 * m[i];
    }
  };
};

const adamw = (n: number): Rule => {
  const [lr, beta1, beta2, eps, decay] = [1e-3, 0.9, 0.999, 1e-8, 0.01];
  const [m, v] = [new Float32Array(n), new Float32Array(n)];
  return (w, g, t) => {
    const [scale1, scale2] = [1 / (1 - beta1 ** t), 1 / (1 - beta2 ** t)];
    for (let i = 0; i < n; i++) {
      const gradient = g[i];
      m[i] = beta1 * m[i] + (1 - beta1) * gradient;
      v[i] = beta2 * v[i] + (1 - beta2) * gradient * gradient;
      w[i] -= lr * ((m[i] * scale1) / (Math.sqrt(v[i] * scale2) + eps) + decay * w[i]);
    }
  };
};

const lion = (n: number): Rule => {
  const [lr, beta1, beta2, decay] = [1e-4, 0.9, 0.99, 0.01];
  const m = new Float32Array(n);
  return (w, g) => {
    for (let i = 0; i < n; i++) {
      w[i] -= lr * (Math.sign(beta1 * m[i] + (1 - beta1) * g[i]) + decay * w[i]);
      m[i] = beta2 * m[i] + (1 - beta2) * g[i];
    }
  };
};

const rules: Readonly<Partial<Record<(typeof updateMethods)[number], (n: number) => Rule>>> = {
  'sgd-momentum': sgdMomentum,
  adamw,
  lion,
};

/** An update rule over all tensors of a workload. */
export function update({ numbers, tensors }: Workload): Loaded {
  const make = rules[updateMethods[numbers.method]];
  if (!make) throw new Unsupported('loops exist for sgd-momentum, adamw and lion');
  const parts = Object.keys(tensors)
    .filter(isParameter)
    .map((name) => {
      const start = tensors[name].data as Floats;
      const g = tensors[gradientOf(name)].data as Floats;
      return { name, start, g, w: start.slice(), step: make(start.length) };
    });
  let t = 0;
  return {
    run(count) {
      for (let i = 0; i < count; i++) {
        t++;
        for (const { w, start, g, step } of parts) step(w, t === 1 ? start : g, t);
      }
    },
    check: () => descent(tensors, new Map(parts.map(({ name, w }) => [name, w]))),
    dispose: () => {},
  };
}
