import type { About } from './about.ts';

export const about: About = {
  equations: [
    String.raw`\hat w_t = w_t - s\,\eta\,\Delta_{t-1}, \qquad g_t = \nabla L(\hat w_t), \qquad w_{t+1} = \mathrm{base}(w_t, g_t)`,
    String.raw`\Delta_{t-1} = b_{t-1} \ \text{(SGD with momentum)}, \qquad \Delta_{t-1} = \frac{\hat m_{t-1}}{\sqrt{\hat v_{t-1}} + \varepsilon} \ \text{(Adam, AdamW)}, \qquad \Delta_0 = 0`,
  ],
  use: 'Around SGD with momentum, Adam or AdamW, where their momentum overshoots; other bases are extrapolated along their last step. It costs no gradient, but like Nesterov momentum it becomes unstable at smaller learning rates than the base.',
  relatives: {
    sgd: 'with nesterov: true the look-ahead is momentum times the buffer, here the whole buffer; ahead = momentum gives the same iterates, seen from the point ahead',
    lookahead: 'looks back instead: the weights return part of the way every k steps',
    sam: 'also asks for the gradient elsewhere, uphill, and pays a second gradient',
  },
  disagreements: [
    {
      kind: 'fork',
      who: 'guanleics/XGrad, SGD.py',
      what: 'the momentum buffer begins at 0, so that dampening touches the first step too',
      ours: "the base is PyTorch's SGD, whose first step is not dampened; theirs is ours without dampening at a learning rate of lr (1 - dampening)",
    },
    {
      kind: 'fork',
      who: 'Guan 2023, later version of the paper',
      what: 'rules for RMSprop, AdaBelief and AdaM3 as well, from the states of those',
      ours: 'every other base is predicted by its last displacement, the same where lr is constant and nothing decays',
      untested: 'the rules of that version are not here',
    },
  ],
};
