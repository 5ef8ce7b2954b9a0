import type { About } from './about.ts';

export const about: About = {
  equations: [
    String.raw`\lambda_\ell = \frac{\tau\, \|w_\ell\|}{\|g_\ell\| + \beta\, \|w_\ell\|} \qquad \text{for each tensor } \ell \text{ of two or more axes}`,
    String.raw`v \leftarrow \mu\, v + \eta\, \lambda_\ell\, (g + \beta\, w), \qquad w \leftarrow w - v`,
    String.raw`\text{form 'lamb-paper':}\quad m \leftarrow \mu\, m + (1 - \mu)(g + \beta\, w), \qquad w \leftarrow w - \eta\, \frac{\phi(\|w_\ell\|)}{\|m_\ell\|}\, m`,
  ],
  use: 'Large batches of image models, with lr of 10 to 30 and a warmup. In a network without normalisation set excludedScale near the trust coefficient, or the biases run away at such rates. At small batches momentum SGD does as well.',
  relatives: {
    sgd: 'there all layers share one rate; vectors and scalars take that rule here too',
    lamb: "there Adam's direction is rescaled, with the decay inside",
  },
  disagreements: [
    {
      kind: 'fork',
      who: 'You et al. 2020 (the LAMB paper), Algorithm 1',
      what: 'LARS there divides by the norm of the momentum, keeps the decay in it and has no trust coefficient: every step has the length lr |w|',
      ours: 'the rule of 2017 is the default',
      option: "form: 'lamb-paper'",
    },
    {
      kind: 'fork',
      who: 'optax 0.2.8, optax.lars; pytorch_optimizer 2.0.1',
      what: 'the denominator is |g + decay w|, not |g| + decay |w|; in pytorch_optimizer 2.10 to 3.9.0 it is |g| alone',
      ours: "the paper's, as pytorch_optimizer 4.1.0 has it; without decay the three are one, and with the paper's denominator put into Optax its trajectory is ours",
    },
    {
      kind: 'fork',
      who: 'pytorch_optimizer 4.1.0, LARS',
      what: 'lr stands outside the momentum buffer, and vectors and scalars are not decayed whatever they are',
      ours: 'lr inside, as in the paper: the same while lr is constant. Biases and norm gains are spared by their role; decay-all(lars) decays them too',
    },
    {
      kind: 'fork',
      who: 'practice',
      what: 'the local rate of vectors and scalars is 1, which diverges in plain networks at the rates of large batches',
      ours: 'it is a hyperparameter, by default 1',
      option: 'excludedScale: 0.001',
    },
  ],
};
