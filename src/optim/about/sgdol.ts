import type { About } from './about.ts';

export const about: About = {
  equations: [
    String.raw`w_{t+1} = w_t - \eta_t g_t, \qquad \eta_{t+1} = \mathrm{clip}\Bigl( \frac{\alpha + \sum_{s \le t} \langle g_s, g'_s \rangle}{M \bigl(\alpha + \sum_{s \le t} \lVert g_s \rVert^2\bigr)},\ 0,\ \frac{2}{M} \Bigr)`,
    String.raw`f(w_{t+1}) - f(w_t) \le \mathbb{E}\Bigl[ -\eta_t \langle g_t, g'_t \rangle + \tfrac{M}{2} \eta_t^2 \lVert g_t \rVert^2 \Bigr] \quad\text{($g_t, g'_t$ independent gradients at $w_t$)}`,
  ],
  use: 'Smooth losses with noise of unknown size: without noise the step size stays 1 / M, with noise it falls as it should, untuned. It needs M, and two gradients a step.',
  relatives: {
    'sgdol-coordinate': 'a step size for each coordinate',
    'adagrad-norm': 'shrinks with all gradients, noise or not',
  },
  disagreements: [
    {
      kind: 'fault',
      who: 'zhenxun-zhuang/SGDOL, MNIST/main.py',
      what: 'takes both gradients on one minibatch, where only the dropout masks differ: the independence that the theory needs is lost, and without dropout the step size stays 1 / M',
      ours: 'two minibatches',
      option: 'sameBatch: true',
    },
  ],
};
