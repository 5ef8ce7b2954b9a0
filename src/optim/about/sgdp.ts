import type { About } from './about.ts';

export const about: About = {
  equations: [
    String.raw`b_t = \mu\, b_{t-1} + (1 - d)\, g_t, \qquad p_t = b_t \quad \text{or } g_t + \mu\, b_t \text{ (Nesterov)}`,
    String.raw`|\cos(g_t, w_t)| < \frac{\delta}{\sqrt{\dim w}}: \qquad p_t \leftarrow p_t - \hat w_t\, (\hat w_t \cdot p_t), \quad r = r_0; \qquad \text{otherwise } r = 1`,
    String.raw`w_{t+1} = \Bigl(1 - \frac{\eta \lambda r}{1 - \mu}\Bigr)\, w_t - \eta\, p_t`,
  ],
  use: 'Momentum SGD for networks with normalisation layers. Without them it is sgd with decoupled decay.',
  relatives: {
    sgd: 'no projection, and L2 decay in the gradient',
    adamp: "the same projection for Adam's update",
  },
  disagreements: [
    {
      kind: 'fault',
      who: 'clovaai/AdamP, sgdp.py',
      what: 'projects in place, which without Nesterov is the momentum buffer itself; the two part at step 3',
      ours: 'the buffer is kept whole, as in the paper and in pytorch_optimizer 4.1.0',
      option: 'projectBuffer: true',
    },
    {
      kind: 'fork',
      who: 'PyTorch 2.15, torch.optim.SGD',
      what: 'does not dampen the first gradient',
      ours: "dampened, as the buffer starts at 0 in the authors' code",
    },
  ],
};
