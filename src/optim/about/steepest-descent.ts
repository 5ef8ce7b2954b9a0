import type { About } from './about.ts';

export const about: About = {
  equations: [
    String.raw`\Delta = \operatorname*{arg\,min}_{\Delta}\; \langle g, \Delta \rangle + \frac{\lambda}{2} \lVert \Delta \rVert^2 = -\frac{\lVert g \rVert^*}{\lambda}\, D(g), \qquad \eta = \frac{1}{\lambda}`,
    String.raw`\lVert g \rVert^* = \max_{\lVert T \rVert \le 1} \langle g, T \rangle, \qquad D(g) = \operatorname*{arg\,max}_{\lVert T \rVert \le 1} \langle g, T \rangle`,
    String.raw`\lVert w \rVert = \max_l s_l \lVert W_l \rVert_l \;\Rightarrow\; \lVert g \rVert^* = \sum_l \frac{\lVert G_l \rVert_l^*}{s_l}, \qquad D_l = \frac{D_l(G_l)}{s_l}`,
    String.raw`\text{escape:}\quad \eta_{t+1} = \max\Big(\eta_t, \frac{\langle g_t, w_1 - w_t \rangle}{\lVert g_t \rVert^*}\Big)`,
  ],
  use: 'To ask which norm a network wants, layer by layer, with nothing else in the way; the methods below are points of this space. As a training method give it momentum, and size unit with a schedule.',
  relatives: {
    signsgd: "size 'unit' under the largest entry (max) everywhere",
    signum: 'the same with momentum',
    adam: 'that sign descent again, when its averages and eps are 0',
    muon: 'the spectral norm with momentum, by iterations, and AdamW for the rest',
    shampoo: 'the spectral norm, when nothing accumulates',
    scion: 'norms by role with momentum, and a constraint',
    sgd: "the Frobenius norm, across: 'euclidean'",
    prodigy: "size 'escape' under the largest entry, with Adam's averages",
  },
  disagreements: [
    {
      kind: 'fork',
      who: 'jxbz/modula; optax 0.2.8, scale_by_muon(adaptive=True)',
      what: 'U V and the dual norm by Newton-Schulz iterations, whose singular values lie between 0.68 and 1.14',
      ours: 'exact by default',
      option: "orthogonalize: 'newton-schulz'",
    },
    {
      kind: 'fork',
      who: 'optax 0.2.8, scale_by_muon(adaptive=True)',
      what: 'every tensor steps by its own dual norm; under the largest of the norms of layers, which the paper takes, the sum of all dual norms serves every layer',
      ours: 'the sum, by default',
      option: "across: 'euclidean'",
    },
  ],
};
