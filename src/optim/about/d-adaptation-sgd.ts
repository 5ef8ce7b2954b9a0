import type { About } from './about.ts';

export const about: About = {
  equations: [
    String.raw`\lambda_t = \frac{d_t\, \gamma_t}{\lVert g_1 \rVert}, \qquad n_t = n_{t-1} + \lambda_t \langle g_t, s_{t-1} \rangle, \qquad s_t = s_{t-1} + \lambda_t g_t`,
    String.raw`d_{t+1} = \max\Bigl(d_t, \frac{2 n_t}{\lVert s_t \rVert}\Bigr)`,
    String.raw`z_{t+1} = w_1 - s_t, \qquad w_{t+1} = \mu w_t + (1 - \mu)\, z_{t+1}`,
  ],
  use: 'SGD without a learning rate to tune, for well-scaled problems; put a schedule around it as usual, with lr 1. d only grows: one bad estimate early in a run stays. The growth takes some hundred steps from 1e-6.',
  relatives: {
    'd-adaptation-adam': 'the same for Adam, with the distance in the largest coordinate',
    prodigy: 'weights late gradients more, so that d grows faster',
    dog: 'takes the distance travelled in the place of a lower bound',
  },
  disagreements: [
    {
      kind: 'fork',
      who: 'Defazio & Mishchenko 2023, Algorithm 1',
      what: 'dual averaging with a step size of its own that falls with the sum of squared gradients, and no factor 2 in the estimate',
      ours: "the rule of the authors' code: steps over the norm of the first gradient, and the factor 2",
      untested: 'the form with dual averaging is not among our methods',
    },
    {
      kind: 'fork',
      who: 'pytorch_optimizer 4.1.0, DAdaptSGD',
      what: 'takes the norm of the first gradient in float32, for float64 parameters too',
      ours: 'float64; with that undone its trajectory is ours to 1e-9',
    },
  ],
};
