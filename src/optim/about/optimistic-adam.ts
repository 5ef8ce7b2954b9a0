import type { About } from './about.ts';

export const about: About = {
  equations: [
    String.raw`u_t = \frac{m_t / (1 - \beta_1^t)}{\sqrt{v_t / (1 - \beta_2^t)} + \varepsilon}, \qquad u_0 = 0`,
    String.raw`w_{t+1} = w_t - \eta \bigl( (1 + \omega)\, u_t - \omega\, u_{t-1} \bigr)`,
  ],
  use: 'Games and saddle points (generative adversarial networks), where adam turns around the equilibrium. For plain minimisation it has no advantage over adam.',
  relatives: {
    adam: 'optimism 0',
    nadam: 'looks ahead along the first moment, which damps no rotation',
    'opt-amsgrad': 'its optimistic step starts at a hidden iterate and can extrapolate several gradients',
  },
  disagreements: [
    {
      kind: 'fork',
      who: 'Optax 0.2.8, optax.optimistic_adam_v2',
      what: "takes the first direction for the one before it, so that the first step is Adam's; in the paper it is twice as long",
      ours: 'no direction before the first, as in the paper',
      option: "start: 'current'",
    },
    {
      kind: 'fault',
      who: 'Optax 0.2.8, optax.optimistic_adam and optax.optimistic_adam_v2',
      what: "the paper and the equations of their docstrings take Adam's direction; nesterov=True is the default, which makes it that of NAdam",
      ours: "Adam's direction, as in the paper and as theirs with nesterov=False",
    },
  ],
};
