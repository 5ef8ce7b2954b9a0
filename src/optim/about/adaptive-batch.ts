import type { About } from './about.ts';

export const about: About = {
  equations: [
    String.raw`\bar g = \frac1b \sum_{i=1}^b g_i, \qquad \text{the base steps with } \bar g`,
    String.raw`b \leftarrow \min\!\left(b_{\max}, \max\!\left(b, \left\lceil \frac{\sum_j \operatorname{Var}_i(g_{ij})}{\eta^2 \lVert \bar g \rVert^2} \right\rceil \right)\right) \quad \text{(norm test)}`,
    String.raw`\frac{\operatorname{Var}_i \langle g_i, \bar g \rangle}{\theta^2 \lVert \bar g \rVert^4} \ \text{(inner product)}, \qquad \frac{\sum_j \operatorname{Var}_i(o_{ij})}{\nu^2 \lVert \bar g \rVert^2}, \ \ o_i = g_i - \frac{\langle g_i, \bar g \rangle}{\lVert \bar g \rVert^2}\, \bar g \ \text{(orthogonality)}`,
  ],
  use: 'To find out how large a batch a problem bears, and to spend few updates late in training. Around adagrad it is AdAdaGrad, around adagrad-norm AdAdaGradNorm. It needs per-example gradients, which cost memory; make the minibatch of the run the smallest batch.',
  relatives: {
    accumulate: 'a fixed number of minibatches for each update',
    adagrad: 'the base of AdAdaGrad',
    'adagrad-norm': 'the base of AdAdaGradNorm',
  },
  disagreements: [
    {
      kind: 'fault',
      who: 'timlautk/AdAdaGrad, adagradnorm.py',
      what: 'keeps an accumulator for each output row instead of one scalar, and adds -lr weightDecay times the gradient as weight decay',
      ours: 'adagrad-norm is the scalar method of the paper',
    },
    {
      kind: 'fault',
      who: 'timlautk/AdAdaGrad, tests.py',
      what: 'sums inner-product variances of single tensors, leaving out their covariances; the distributed orthogonality test squares a sum where squares must be summed',
      ours: 'inner products run over the whole parameter vector',
    },
    {
      kind: 'fork',
      who: 'Lau, Liu & Kolar 2024, arXiv:2402.11215',
      what: 'the theory of AdAdaGrad tests every coordinate, the experiments take the plain norm test',
      ours: 'the norm test',
      option: "batchTest: 'coordinate'",
    },
  ],
};
