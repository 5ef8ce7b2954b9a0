import type { About } from './about.ts';

export const about: About = {
  equations: [
    String.raw`\eta \leftarrow \beta\, \eta \quad\text{until}\quad f_t\bigl(w_t - \eta \nabla f_t(w_t)\bigr) \le f_t(w_t) - c\, \eta\, \lVert \nabla f_t(w_t) \rVert^2, \qquad w_{t+1} = w_t - \eta \nabla f_t(w_t)`,
    String.raw`\text{first trial (grow):}\quad \eta_t = \gamma^{b/n}\, \eta_{t-1}`,
  ],
  use: 'Models that can fit their data exactly: no learning rate to tune, at the cost of one or two further losses a step. Where they cannot, each minibatch still can be fitted, the step size grows without bound and the run explodes: set largest, or use something else.',
  relatives: {
    sps: 'a step size in closed form, without a search',
    lbfgs: 'a search for the strong Wolfe conditions along a quasi-Newton direction, on the full batch',
  },
  disagreements: [
    {
      kind: 'fork',
      who: 'Vaswani et al. 2019, Algorithm 1, and IssamLaradji/sls',
      what: 'three ways to choose what a step tries first; the code grows the last step size by default, by a factor gamma for an epoch',
      ours: 'all three; growing by default',
      option: "reset: 'keep' or reset: 'restart'",
    },
    {
      kind: 'fork',
      who: 'IssamLaradji/sls',
      what: 'eta_max bounds the step size of the Goldstein form only, and a Goldstein search that ends without success stays at its last trial, whatever its loss',
      ours: 'largest bounds both; such a search falls back to its last trial that met the condition of Armijo',
      option: 'largest: 10',
    },
  ],
};
