import type { About } from './about.ts';

export const about: About = {
  equations: [
    String.raw`L_t = \max(L_{t-1}, |g_t|), \quad G_t = G_{t-1} + |g_t|, \quad R_t = \max\bigl(R_{t-1} - g_t (w_t - w_1), 0\bigr), \quad \theta_t = \theta_{t-1} - g_t`,
    String.raw`w_{t+1} = w_1 + \frac{\theta_t\, (L_t + R_t)}{L_t \max(G_t + L_t,\, \alpha L_t)}`,
  ],
  use: 'Where nothing may be tuned and coordinates differ in scale. Safe and slow: five floats of state for each parameter, and a tuned Adam is usually well ahead.',
  relatives: {
    mechanic: 'bets on one number, the scale of another optimizer',
    dog: 'one step size for all coordinates, from the distance travelled',
    adagrad: 'divides by the root of squared gradients as COCOB divides by their sum, with a learning rate in front',
  },
  disagreements: [
    {
      kind: 'fault',
      who: 'optax 0.2.8, optax.contrib.cocob',
      what: '`learning_rate` multiplies the gradients, which COCOB does not see the scale of: a constant one does nothing, and a schedule reweights the past instead of scaling the step',
      ours: 'no learning rate; a trajectory of Optax with one agrees with ours without',
    },
    {
      kind: 'fork',
      who: 'Orabona & Tommasi 2017, Algorithms 1 and 2',
      what: 'the algorithm with the regret bound needs to know the largest gradient and has no alpha; that for networks learns L and bounds first steps by 1 / alpha',
      ours: 'Algorithm 2; a small alpha comes near to the first',
      option: 'alpha: 1',
    },
  ],
};
