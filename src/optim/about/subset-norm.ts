import type { About } from './about.ts';

export const about: About = {
  equations: [
    String.raw`q_S = \sum_{i \in S} g_i^2, \qquad V_S \leftarrow \beta_2 V_S + (1 - \beta_2)\, q_S \quad (\text{adagrad: } V_S \leftarrow V_S + q_S)`,
    String.raw`m \leftarrow \beta_1 m + (1 - \beta_1)\, g`,
    String.raw`w_i \leftarrow w_i - \eta\, \frac{\sqrt{1 - \beta_2^t}}{1 - \beta_1^t}\, \frac{m_i}{\sqrt{V_S} + \varepsilon}, \qquad i \in S`,
  ],
  use: "Adam or AdaGrad with second moments of a few numbers for each row: rates about ten times Adam's, for the denominator is a sum. Good where the inputs of a layer have one scale; elsewhere Adam's moments are worth their memory.",
  relatives: {
    'adam-mini': 'means in the place of sums: the same at a rate that is sqrt(|S|) times smaller, but for eps',
    adafactor: 'a product of row and column moments',
    'subspace-momentum': 'the same denominators with momentum in a subspace',
  },
  disagreements: [
    {
      kind: 'fork',
      who: 'Nguyen & Nguyen 2024',
      what: 'the theory is that of AdaGrad, the experiments are those of Adam',
      ours: 'both, Adam by default',
      option: "form: 'adagrad'",
    },
    {
      kind: 'fault',
      who: 'pytorch_optimizer 4.1.0, AdamWSN',
      what: 'by its docstring subset_size=-1 takes half of the first axis, and there is subspace momentum; it takes groups of about sqrt(size) elements, and has no subspace momentum',
      ours: 'rows or columns along the longer side by default; its groups on demand, with which the trajectories agree',
      option: "subsets: 'root', rootPart: 1",
    },
    {
      kind: 'fork',
      who: 'timmytonga/sn-sm, pytorch_optimizer 4.1.0',
      what: 'eps is added to the uncorrected root, of all other tensors too',
      ours: 'so for matrices; all others take AdamW as PyTorch has it, eps after the correction',
    },
  ],
};
