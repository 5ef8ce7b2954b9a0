import type { About } from './about.ts';

export const about: About = {
  equations: [
    String.raw`\Delta_t = \frac{w_1 - w_t}{S_t}, \quad S_t = \sum_i s_{t,i}, \qquad h_t = \Bigl\langle g_t + \lambda S_t \tfrac{\lVert g_t \rVert}{\lVert w_t \rVert} w_t,\ \Delta_t \Bigr\rangle, \quad \bar h_{t,i} = \mathrm{clip}(h_t, -m_{t,i}, m_{t,i})`,
    String.raw`m_{t+1,i} = \max(\beta_i m_{t,i}, |h_t|), \quad v_{t+1,i} = \beta_i^2 v_{t,i} + h_t^2, \quad r_{t+1,i} = \beta_i r_{t,i} + s_{t,i} \bar h_{t,i}`,
    String.raw`s_{t+1,i} = \frac{\tfrac{s_{\mathrm{init}}}{n} m_{t+1,i} + \max(r_{t+1,i}, 0)}{\sqrt{v_{t+1,i}}}, \qquad w_{t+1} = w_1 - S_{t+1} (\Delta_t - u_t)`,
  ],
  use: 'Around an optimizer and its schedule, when the learning rate should not be tuned: the base keeps its form, the bettors find its scale. The scale grows from sInit over hundreds of steps, so short runs want a larger sInit. Not for bases whose updates have a fixed length (lars, lamb).',
  relatives: {
    prodigy: 'finds the scale of Adam alone, from a bound on the distance',
    cocob: 'bets on every coordinate by itself, without a base',
  },
  disagreements: [
    {
      kind: 'fork',
      who: 'Cutkosky, Defazio & Mehta 2023 and optax 0.2.8, optax.contrib.mechanize',
      what: 'h is clipped by the largest value before it in Optax, by a line that the authors say they added later',
      ours: "clipped, as in the authors' implementation",
    },
  ],
};
