import type { About } from './about.ts';

export const about: About = {
  equations: [
    String.raw`v_t = \sigma v_{t-1} + (1 - \sigma)\, g_t^2, \qquad \bar w_t = (1 - \eta \lambda)\, w_t, \qquad P_t = \bigl(\tfrac{1}{\beta} - \alpha\bigr)\, \bar w_t - \tfrac{1}{\beta}\, \psi_t`,
    String.raw`\psi_{t+1} = \psi_t + \eta P_t, \qquad w_{t+1} = \bar w_t + \eta P_t - \eta \beta\, \frac{g_t}{\sqrt{v_t / (1 - \sigma^t)} + \varepsilon}`,
  ],
  use: "AdamW's memory with a second knob for its inertia: (alpha, beta) = (0.1, 0.9) is fast early, (2, 2) ends lower and is the authors' choice for language models.",
  relatives: {
    inna: 'the plain gradient',
    adamw: 'alpha = beta = 1 is AdamW with beta1 = 0',
  },
  disagreements: [
    {
      kind: 'fork',
      who: 'innaprop/innaprop, innaprop.py',
      what: 'updates psi first and divides by beta - lr: the same step, but singular at lr = beta',
      ours: 'the form without the division; lr = beta is an ordinary step',
    },
  ],
};
