import type { About } from './about.ts';

export const about: About = {
  equations: [
    String.raw`G = \hat m_t + \delta\, \overline{\lvert \hat m_t \rvert}\, V, \qquad A = Q_L\, G\, Q_R^\top, \qquad B = Q_L^{-\top} V\, Q_R^{-1}, \qquad V \sim \mathcal N(0, I)`,
    String.raw`Q_L \leftarrow Q_L - \frac{\mu}{\lVert A A^\top + B B^\top \rVert_2} \operatorname{triu}(A A^\top - B B^\top)\, Q_L, \qquad Q_R \text{ likewise with } A^\top A,\ B^\top B`,
    String.raw`D = Q_L^\top Q_L\, \hat m_t\, Q_R^\top Q_R, \qquad W_{t+1} = W_t - \eta \Big( \min\!\Big(1, \frac{1.1}{\operatorname{rms}(D)}\Big) D + \lambda W_t \Big)`,
  ],
  use: 'A whitening method without eigenvectors: matrix products and triangular inverses only, so it runs on every engine. Take about a third of the lr of AdamW. Long sides cost their square in memory: maxSide or memory make their factors diagonal.',
  relatives: {
    shampoo: 'whitens by inverse roots of summed statistics',
    soap: 'works in eigenvectors of averaged statistics',
    adam: "with 'all-diagonal' factors the preconditioner is a product of a row and a column of scales, as Adafactor's",
    muon: 'whitens the present momentum alone, without memory',
  },
  disagreements: [
    {
      kind: 'fork',
      who: 'pytorch_optimizer 4.1.0, Kron',
      what: 'the gradient that is whitened has no damping noise',
      ours: 'damping by the root of the precision of float32, as evanatyourservice/kron_torch',
      option: 'damping: 0',
    },
    {
      kind: 'fork',
      who: 'pytorch_optimizer 4.1.0, Kron',
      what: 'triangular systems are solved in float32 even with precondition_dtype=float64',
      ours: 'the triangular inverse has the precision of the parameters',
    },
    {
      kind: 'fork',
      who: 'pytorch_optimizer 4.1.0, Kron',
      what: '1e-6 is added to the root mean square that a step is clipped by',
      ours: '1e-12, as evanatyourservice/kron_torch; it keeps 0 / 0 away and changes nothing else',
    },
    {
      kind: 'fork',
      who: 'lixilinx/psgd_torch, its current versions',
      what: 'fit the factors by other updates, by default one without triangular solves',
      ours: 'the triangular update of evanatyourservice/kron_torch, which is the one that was raced against other methods',
      untested: 'their other updates are not here',
    },
  ],
};
