import type { About } from './about.ts';

export const about: About = {
  equations: [
    String.raw`r = P g, \qquad e = g - P^\top r`,
    String.raw`m \leftarrow \beta_1 m + (1 - \beta_1)\, r, \qquad v \leftarrow \beta_2 v + (1 - \beta_2)\, r^2, \qquad u = \frac{\hat m}{\sqrt{\hat v} + \varepsilon}`,
    String.raw`w \leftarrow (1 - \eta \lambda)\, w - \eta\, P^\top u - \eta\, c\, \operatorname{sign}(e)`,
  ],
  use: 'A fraction of the state of Adam with updates of full rank: better than projection alone (galore-adam) and than sign descent alone. Take freeScale 1 for pre-training, 0.1 for fine-tuning. Adam on everything is better where it fits.',
  relatives: {
    'galore-adam': 'drops what lies outside of the subspace; here it descends by sign',
    signsgd: "what selector 'none' leaves",
    adamw: 'what 100 percent of the columns are, until the subspace changes',
    'subspace-momentum': 'momentum in the subspace, plain steps outside',
  },
  disagreements: [
    {
      kind: 'fork',
      who: 'Zmushko et al. 2024',
      what: 'their code resets both moments when the subspace changes; what the paper does with second moments there we could not verify',
      ours: "with states 'project', v is carried by the squared entries of the change of basis, which keeps it at least 0; the default resets, as their code does",
      option: "states: 'project'",
    },
    {
      kind: 'fork',
      who: 'Zmushko et al. 2024 and their code',
      what: "the paper's main variant takes whole layers in turn, others are columns, random entries or singular vectors",
      ours: 'columns by default, which need neither singular vectors nor many matrices',
      option: "selector: 'blockwise'",
    },
    {
      kind: 'fork',
      who: "the authors' randk",
      what: 'entries are a uniformly random subset',
      ours: 'one entry from each of as many runs of neighbours: every entry is as likely, and nothing is sorted',
      option: "selector: 'entries'",
    },
  ],
};
