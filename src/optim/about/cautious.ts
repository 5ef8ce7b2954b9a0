import type { About } from './about.ts';

export const about: About = {
  equations: [
    String.raw`u_t = w_t - \operatorname{base}(w_t), \qquad \phi_i = \begin{cases} 1 & u_{t,i}\, g_{t,i} > 0 \\ \xi & \text{otherwise} \end{cases}`,
    String.raw`w_{t+1} = w_t - \frac{\phi \circ u_t}{\max(\operatorname{mean} \phi,\, 10^{-3})} \qquad \text{for each tensor}`,
  ],
  use: 'Around a method with momentum (adamw, lion) whose loss oscillates: to first order the masked step never raises the loss of its batch. It costs no state and no gradient. Around a method without momentum it changes nothing.',
  relatives: {
    grams: 'turns disagreeing coordinates round instead of leaving them where they are',
    adamw: 'cautious(adamw) is C-AdamW',
    lion: 'cautious(lion) is C-Lion',
  },
  disagreements: [
    {
      kind: 'fork',
      who: "Liang et al. 2024, Algorithm 1; the authors' c_lion.py; pytorch_optimizer 4.1.0",
      what: 'multiplies the masked update by n / (count + 1): with four coordinates that all agree, by 0.8',
      ours: "divided by the mean of the mask, at least 1e-3, as the authors' present AdamW and timm have it: where all agree nothing changes",
      option: "maskScale: 'paper'",
    },
    {
      kind: 'fork',
      who: "the authors' c_adamw.py, one tensor at a time",
      what: 'adds eps (1e-6) to the root of the uncorrected second moment; their multi-tensor code adds it after the correction',
      ours: 'whatever the base does: adamw and adam add it after the correction',
      option: 'cautious(adam({ epsHat: true }))',
    },
    {
      kind: 'fault',
      who: "the authors' c_adamw.py, _multi_tensor_c_adam (not called)",
      what: 'takes the mask from the signs of m m instead of m g where capturable is False, so that nothing is masked; the call of this function is commented out',
      ours: 'the mask is that of update and gradient',
      option: 'xi: 1',
    },
    {
      kind: 'fork',
      who: 'lucidrains: lion-pytorch, adam-atan2-pytorch',
      what: 'keeps a share, cautious_factor, of updates that disagree, and divides by the mean of the mask, at least 1e-5',
      ours: 'the share is xi; 0 by default, as in the paper',
      option: 'xi: cautiousFactor',
    },
    {
      kind: 'fork',
      who: 'pytorch_optimizer 4.1.0, AdamP with cautious=True',
      what: 'masks the first moment before the Nesterov blend and the projection',
      ours: 'the finished update is masked; where nothing is projected and without Nesterov both are the same',
    },
  ],
};
