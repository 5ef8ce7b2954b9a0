import type { About } from './about.ts';

export const about: About = {
  equations: [
    String.raw`c_t = g_t + \gamma \frac{\beta_1}{1 - \beta_1} (g_t - g_{t-1}), \qquad \tilde c_t = \frac{c_t}{\max(1, \lVert c_t \rVert)}, \qquad m_t = \beta_1 m_{t-1} + (1 - \beta_1)\, \tilde c_t`,
    String.raw`w_{t+1} = w_t - \eta\, (u_t + \lambda w_t), \qquad u_t = \frac{\hat m_t}{\sqrt{\hat v_t} + \varepsilon},\quad \operatorname{sign}(m_t) \quad \text{or} \quad \sqrt{\max(1, r / c)}\, \operatorname{NS}_5(m_t)`,
  ],
  use: "AdamW, Lion or Muon where the noise of single minibatches hurts: the approximate form costs one more buffer, the exact one a second gradient on the same minibatch. Gains are largest with long schedules; gamma 0.025 is the authors' value throughout.",
  relatives: {
    adamw: "the variant 'adamw' with gamma 0, but for the clip of each tensor at norm 1",
    lion: "the variant 'lion' is a sign of one momentum; Lion blends the gradient in with a rate of its own",
    muon: "the variant 'shampoo' orthogonalises the corrected momentum",
    adan: 'also uses the change of the gradient, as a moment of its own',
  },
  disagreements: [
    {
      kind: 'fork',
      who: 'AGI-Arena/MARS; pytorch_optimizer 4.1.0, MARS',
      what: 'the stored gradient is 0 at the first step, so that c is 1.475 g there at the defaults',
      ours: 'no correction at the first step, as in the paper',
      option: "firstStep: 'code'",
    },
    {
      kind: 'fork',
      who: 'the README of AGI-Arena/MARS against its code',
      what: 'the README averages squared gradients into v, the code squares of the corrected and clipped ones',
      ours: 'the code',
      untested: 'it is about a text; the trajectories follow the code',
    },
    {
      kind: 'fork',
      who: 'pytorch_optimizer 4.1.0, MARS',
      what: 'adds 1e-15 inside the root of the second moment, and eps to that root before the bias correction',
      ours: "eps is added after the correction, as in the paper and the authors' code",
    },
    {
      kind: 'fork',
      who: 'pytorch_optimizer 4.1.0, MARS-Shampoo',
      what: 'Newton-Schulz runs in bfloat16 on M / max(|M|, eps)',
      ours: 'it runs in the precision of the parameters on M / (|M| + eps)',
    },
  ],
};
