import type { About } from './about.ts';

export const about: About = {
  equations: [
    String.raw`g_t = \nabla f_t(w_t) + \lambda w_t, \qquad F_t = f_t(w_t) + \tfrac{\lambda}{2} \lVert w_t \rVert^2, \qquad s_t = \frac{F_t}{\lVert g_t \rVert + \varepsilon}`,
    String.raw`v_t = \mu v_{t-1} - s_t\, \eta\, g_t, \qquad w_{t+1} = w_t + v_t`,
  ],
  use: 'A baseline of the comparison of step sizes in language inference, in the simplified form with one remembered point. The step is in proportion to the loss, so lr has to fit its scale, and the run slows down as the loss nears 0.',
  relatives: {
    sps: 'divides the loss by the squared norm of the gradient: no constant has to fit the scale of the loss',
    dfw: 'the other baseline of that comparison, bounded by lr',
  },
  disagreements: [
    {
      kind: 'fault',
      who: 'code of the comparison of step sizes (Li, Zhuang & Orabona 2021)',
      what: 'moves nothing when the momentum is 0: the update stands inside the branch of the momentum',
      ours: 'with momentum 0 a step of s lr g',
    },
  ],
};
