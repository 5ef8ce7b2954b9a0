import type { About } from './about.ts';

export const about: About = {
  equations: [
    String.raw`w_{\text{swa}} \leftarrow \frac{n\, w_{\text{swa}} + w_t}{n + 1}, \quad n \leftarrow n + 1 \qquad \text{at every } c\text{-th step } t > t_0`,
  ],
  use: "For the last quarter of a run, around an optimizer whose rate is kept high there (schedule 'swa-rate', or no decay): the weights wander in a flat region and their mean is its middle. Under a rate that decays to zero it gains little. Recompute the running statistics of batch norm at the end.",
  relatives: {
    polyak: 'takes every iterate',
    lawa: 'a window of the latest checkpoints instead of all since the start',
    ema: 'weighs the recent past more',
    'swa-rate': 'the schedule that belongs to it',
    swad: 'takes every iterate between two points that the validation loss chooses',
    aswa: 'takes every iterate, and training goes on from the mean',
  },
  disagreements: [
    {
      kind: 'fork',
      who: 'torch 2.15, swa_utils.update_bn; timgaripov/swa, utils.bn_update',
      what: "PyTorch's running statistics of the averaged model are the mean over batches, each counting alike; the authors weigh each batch by its examples. They differ where the last batch is smaller",
      ours: 'recomputeStatistics weighs by examples',
      option: "recomputeStatistics({ ..., weighting: 'batches' })",
    },
    {
      kind: 'fork',
      who: 'Hagele et al. 2024, windowed SWA',
      what: 'the mean begins anew in each window of 500 steps, sampled every 5',
      ours: 'it goes on from swaStart to the end',
      option: 'swaWindow: 500, swaEvery: 5, swaStart: 0',
    },
  ],
};
