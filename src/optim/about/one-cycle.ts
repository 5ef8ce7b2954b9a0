import type { About } from './about.ts';

export const about: About = {
  equations: [
    String.raw`\eta: \ \frac{\eta}{d} \to \eta \ \text{ until } s = \rho T - 1, \qquad \eta \to \frac{\eta}{d\, d_{\text{final}}} \ \text{ until } s = T - 1`,
    String.raw`\beta: \ \beta_{\max} \to \beta_{\text{base}} \to \beta_{\max} \ \text{ in the same phases}, \qquad a \to b: \ b + \tfrac12 (a - b)(1 + \cos \pi x)`,
  ],
  use: 'Short runs with SGD and momentum at rates larger than a constant one could bear. The warmup is long and the last rate practically 0; with Adam it is close to a cosine with warmup.',
  relatives: {
    cosine: 'with warmup, the rate without the momentum',
    sgdr: 'many cycles that begin at the top',
  },
  disagreements: [
    {
      kind: 'fork',
      who: 'optax 0.2.8, cosine_onecycle_schedule and linear_onecycle_schedule',
      what: 'phases end at whole steps floor(pct T) and T: the peak is one step later, and the last rate is that of a step after the run; momentum is not cycled',
      ours: 'the boundaries of PyTorch',
      option: "boundaries: 'optax'",
    },
    {
      kind: 'fault',
      who: 'optax 0.2.8, linear_onecycle_schedule',
      what: 'its docstring contradicts itself: by its description the last phase ends at peak / final_div_factor, by its list of arguments and its code at peak / (div_factor final_div_factor)',
      ours: 'what its code does, which is also what PyTorch does',
    },
    {
      kind: 'fault',
      who: 'PyTorch 2.15, torch.optim.lr_scheduler.OneCycleLR',
      what: 'raises ZeroDivisionError where pct_start times the number of steps is exactly 1',
      ours: 'the first step has the peak then',
    },
  ],
};
