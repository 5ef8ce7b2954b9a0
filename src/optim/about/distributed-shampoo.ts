import type { About } from './about.ts';

export const about: About = {
  equations: [
    String.raw`L_t = \beta_2 L_{t-1} + (1 - \beta_2)\, G_t G_t^\top, \qquad R_t = \beta_2 R_{t-1} + (1 - \beta_2)\, G_t^\top G_t, \qquad \hat G_t = \frac{m_t}{1 - \beta_1^t}`,
    String.raw`P_t = \Big(\frac{L_t}{1 - \beta_2^t} + \varepsilon I\Big)^{-1/4} \hat G_t\, \Big(\frac{R_t}{1 - \beta_2^t} + \varepsilon I\Big)^{-1/4}`,
    String.raw`W_{t+1} = W_t - \eta \Big(\frac{\lVert D_t \rVert_F}{\lVert P_t \rVert_F}\, P_t + \lambda W_t\Big), \qquad D_t \text{ the direction of the grafted method}`,
  ],
  use: "Shampoo for networks: take Adam's lr and schedule with graft 'adam', and a refresh of 10 to 100 to pay for the roots. Memory and time grow with the squares and cubes of the sides; blockSize bounds them.",
  relatives: {
    shampoo: 'sums instead of averages, no momentum, no grafting',
    soap: 'works in the same eigenvectors but lets Adam scale each direction at every step, so that stale bases hurt less',
    adam: "the grafted method by default: it gives each block's step length, and the whole direction of all other tensors",
  },
  disagreements: [
    {
      kind: 'fork',
      who: 'facebookresearch/optimizers',
      what: 'by default beta2 is 1, which sums the statistics, and roots are taken at every step',
      ours: 'beta2 0.999, the value of its recipes, and new roots every ten steps',
      option: 'beta2: 1, refresh: 1',
    },
    {
      kind: 'fork',
      who: 'pytorch_optimizer 4.1.0, ScalableShampoo (after the code of Google)',
      what: 'the statistics begin at eps I and decay with it, their bias is not corrected, and momentum sums the finished updates',
      ours: 'the statistics begin at 0 and are corrected, eps is added afterwards, and the gradient is averaged before it is preconditioned; with beta1 0 and beta2 1 the two are one',
      option: 'beta1: 0, beta2: 1',
    },
    {
      kind: 'fork',
      who: 'pytorch_optimizer 4.1.0, ScalableShampoo (after the code of Google)',
      what: 'unless use_svd is set, roots come from a coupled Newton iteration that stops at an error of 1e-3, with a ridge of eps times the largest eigenvalue',
      ours: 'roots come from an eigendecomposition, with a ridge of eps',
    },
    {
      kind: 'fault',
      who: 'pytorch_optimizer 4.1.0, ScalableShampoo',
      what: 'its code has a branch for sums (beta2 = 1), which its validation of betas refuses',
      ours: 'beta2 lies in [0, 1]',
      option: 'beta2: 1',
    },
    {
      kind: 'fork',
      who: 'pytorch_optimizer 4.1.0, ScalableShampoo',
      what: 'grafting scales a whole tensor',
      ours: 'grafting scales each block, as facebookresearch/optimizers does; a tensor that is one block has no difference',
    },
  ],
};
