import type { About } from './about.ts';

export const about: About = {
  equations: [
    String.raw`\text{better: } v < (1 - \theta)\, v_{\text{best}} \ \Rightarrow\ v_{\text{best}} \leftarrow v,\ \text{bad} \leftarrow 0; \qquad \text{otherwise } \text{bad} \leftarrow \text{bad} + 1`,
    String.raw`\text{bad} > \text{patience} \ \Rightarrow\ \eta \leftarrow \max(\gamma\, \eta, \eta_{\min}),\ \text{bad} \leftarrow 0`,
  ],
  use: 'Where the length of a run is open and evaluations are cheap and frequent. It lives on evaluations: a run has ten by default, too few for a patience of 10, so set `evaluateEvery`. For a run of known length linear or cosine are better and need no validation set.',
  relatives: {
    stagewise: 'the same stairs at planned times',
    wsd: 'a planned cooldown instead of reductions',
  },
  disagreements: [
    {
      kind: 'fork',
      who: 'optax 0.2.8, optax.contrib.reduce_on_plateau',
      what: 'reduces when the count of bad values equals patience, one sooner than PyTorch, and has nothing like its eps, the smallest change of a rate',
      ours: 'PyTorch: patience bad evaluations are borne, the next one reduces',
      option: "plateauForm: 'optax'",
    },
    {
      kind: 'fork',
      who: 'PyTorch 2.15, torch.optim.lr_scheduler.ReduceLROnPlateau',
      what: 'min_lr and eps are rates, one for each parameter group',
      ours: 'smallestFactor and minChange are relative to lr, as everywhere in schedules; one factor for all rates',
      option: 'smallestFactor: min_lr / lr, minChange: eps / lr',
    },
    {
      kind: 'fork',
      who: 'the code of the experiments of Li, Zhuang & Orabona 2021, arXiv:2002.05273',
      what: 'gives the scheduler the loss on the test set',
      ours: "the trainer's evaluations, on the validation set",
      untested: 'it is about the data of an experiment, not about the rule',
    },
  ],
};
