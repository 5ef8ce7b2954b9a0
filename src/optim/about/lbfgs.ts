import type { About } from './about.ts';

export const about: About = {
  equations: [
    String.raw`s_k = w_{k+1} - w_k, \qquad y_k = g_{k+1} - g_k, \qquad \rho_k = \frac{1}{y_k^\top s_k}, \qquad H^0_k = \frac{s_{k-1}^\top y_{k-1}}{y_{k-1}^\top y_{k-1}}\, I`,
    String.raw`H_{k+1} = (I - \rho_k s_k y_k^\top)\, H_k\, (I - \rho_k y_k s_k^\top) + \rho_k s_k s_k^\top`,
    String.raw`w_{k+1} = w_k - t_k H_k g_k, \qquad t_k \text{ by a strong Wolfe search}`,
  ],
  use: 'Smooth, deterministic problems, or minibatches so large that their noise does not matter: there it needs tens of gradients where first-order methods need thousands. Not for small minibatches.',
  relatives: {
    sgd: 'what it is without curvature pairs and line search',
    'distributed-shampoo': 'curvature from second moments of noisy gradients, which minibatches allow',
  },
  disagreements: [
    {
      kind: 'fork',
      who: 'PyTorch 2.15, torch.optim.LBFGS',
      what: 'keeps 100 pairs and by default takes steps of length lr without a line search',
      ours: 'ten pairs, as is usual, and a strong Wolfe search; without one the steps are those of PyTorch',
      option: "history: 100, lineSearch: 'none'",
    },
  ],
};
