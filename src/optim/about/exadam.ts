import type { About } from './about.ts';

export const about: About = {
  equations: [
    String.raw`d_1 = 1 + \frac{v_t}{v_t + \varepsilon}\, \beta_2^t, \qquad d_2 = 1 + \frac{m_t^2}{m_t^2 + \varepsilon}\, \beta_1^t, \qquad m_t, v_t \text{ as in Adam}`,
    String.raw`\tilde m_t = \frac{m_t}{1 - \beta_1^t}\, d_1, \qquad \tilde g_t = \frac{g_t}{1 - \beta_1^t}\, d_1, \qquad \tilde v_t = \frac{v_t}{1 - \beta_2^t}\, d_2`,
    String.raw`w_{t+1} = w_t - \eta \ln\!\bigl(\sqrt{2 (t + 1)}\bigr)\, \frac{\tilde m_t + \tilde g_t}{\sqrt{\tilde v_t} + \varepsilon}`,
  ],
  use: 'At a small lr it goes faster than Adam at the same lr, because its steps are longer: two to ten times at first. Tune both before you compare. At the lr of a tuned Adam it tends to diverge.',
  relatives: {
    adam: 'has the plain corrections and the momentum alone',
    adan: 'it too adds to the momentum, the change of the gradient instead of the gradient',
  },
  disagreements: [
    {
      kind: 'fork',
      who: 'AhmedMostafa16/EXAdam, first commit against later ones; pytorch_optimizer 4.1.0',
      what: "the first version of the paper and of the code multiplies lr by ln(sqrt(2 (t + 1))); later commits and pytorch_optimizer don't",
      ours: 'the growing step, which the abstract of the first version describes',
      option: 'dynamicStep: false',
    },
  ],
};
