import type { Contender } from '../data.ts';

/** Adam as a plain JavaScript loop over Float32Arrays. */
export function loopAdam(n: number, gradient: Float32Array): Contender {
  const [lr, beta1, beta2, eps] = [1e-3, 0.9, 0.999, 1e-8];
  const [w, m, v] = [new Float32Array(n), new Float32Array(n), new Float32Array(n)];
  let t = 0;
  return {
    peer: 'plain JavaScript loop',
    step() {
      t++;
      const [bias1, bias2] = [1 - beta1 ** t, 1 - beta2 ** t];
      for (let i = 0; i < n; i++) {
        const g = gradient[i];
        m[i] = beta1 * m[i] + (1 - beta1) * g;
        v[i] = beta2 * v[i] + (1 - beta2) * g * g;
        w[i] -= (lr * (m[i] / bias1)) / (Math.sqrt(v[i] / bias2) + eps);
      }
    },
  };
}
