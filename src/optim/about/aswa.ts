import type { About } from './about.ts';

export const about: About = {
  equations: [
    String.raw`a \leftarrow \frac{n\,a + w_t}{n + 1}, \quad n \leftarrow n + 1; \qquad w \leftarrow a \quad \text{at the end of each epoch}`,
  ],
  use: 'Where runs of different seeds must agree more than they must be fast: the mean of all iterates moves ever more slowly, and each epoch begins there. In long runs restart the mean (aswaRestart) or training stalls.',
  relatives: {
    naswa: 'folds in only iterates that are far from the mean',
    sema: 'an exponential average, which forgets',
    polyak: 'never touches the weights',
    lookahead: 'averages the ends of k steps',
  },
  disagreements: [
    {
      kind: 'fault',
      who: 'rishj97/ModelStability, Binary_Classification.py (torchcontrib SWA)',
      what: 'at the end of an epoch weights and average are exchanged, so that the average of the next epoch goes on from the last raw iterate',
      ours: 'the average is copied and kept, as the paper says',
    },
  ],
};
