import type { About } from './about.ts';

export const about: About = {
  equations: [
    String.raw`m_t = (1 - \alpha)\, m_{t-1} + \alpha\, g_t, \qquad D_l = \operatorname*{arg\,max}_{\lVert T \rVert_l \le 1} \langle m_{t,l}, T \rangle`,
    String.raw`w_{t+1,l} = (1 - \eta)\, w_{t,l} - \eta\, \rho_l D_l \qquad (\text{unconstrained: } w_{t+1,l} = w_{t,l} - \eta\, \rho_l D_l)`,
    String.raw`D = \sqrt{r / c}\; U V^\top \;\text{(hidden)}, \quad \operatorname{sign}(m) / c \;\text{(head)}, \quad \sqrt{r}\, \frac{m_{:,j}}{\lVert m_{:,j} \rVert} \;\text{(embedding)}, \quad \frac{m}{\operatorname{RMS}(m)} \;\text{(vectors)}`,
  ],
  use: 'Made for networks whose width will grow: by its paper the best lr hardly moves with it. One float of state for each parameter and no second method for the rest. The radii weigh the layers and matter: tune those of the hidden layers and of the head.',
  relatives: {
    muon: 'the same direction for hidden matrices, but AdamW for all else',
    'steepest-descent': 'with size unit and these norms it is the unconstrained form',
    signum: 'what the head takes here, over its number of inputs',
    lion: 'also a sign of momentum with decay, for all tensors',
  },
  disagreements: [
    {
      kind: 'fork',
      who: 'LIONS-EPFL/scion; pytorch_optimizer 4.1.0, SCION',
      what: 'their `momentum` is alpha, the weight of the new gradient: 1 (no average) by default there, 0.1 in pytorch_optimizer',
      ours: 'momentum is 1 - alpha, as everywhere here; 0 keeps no state',
      option: 'momentum: 0',
    },
    {
      kind: 'fork',
      who: 'LIONS-EPFL/scion; pytorch_optimizer 4.1.0, SCION',
      what: 'one norm by shape unless groups say otherwise: spectral for every matrix, embeddings and head included',
      ours: 'by role, as the experiments of the paper have it: columns for embeddings, signs for the head',
      option: "embedding: 'spectral', head: 'spectral'",
    },
    {
      kind: 'fork',
      who: 'LIONS-EPFL/scion; pytorch_optimizer 4.1.0, SCION',
      what: 'Newton-Schulz iterations in bfloat16; pytorch_optimizer clamps the norm by 1e-7 where the authors add 1e-7 to it',
      ours: 'in the type of the weights, with 1e-7 added; the fixtures undo both',
    },
  ],
};
