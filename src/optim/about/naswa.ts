import type { About } from './about.ts';

export const about: About = {
  equations: [
    String.raw`d = \lVert w_t - a \rVert; \qquad d > \operatorname{mean}(D): \quad a \leftarrow \frac{n\,a + w_t}{n + 1},\ D \leftarrow \{d\}; \qquad \text{else } D \leftarrow D \cup \{d\}`,
  ],
  use: 'As aswa, where many iterates hardly move: only those that are far from the mean are averaged, so that it follows the run more closely.',
  relatives: { aswa: 'folds in every iterate' },
  disagreements: [
    {
      kind: 'fork',
      who: 'rishj97/ModelStability, Binary_Classification.py',
      what: "measures two tensors of its model alone (the mean of their norms, or the larger) and checks before the optimizer's step",
      ours: 'the norm over all parameters, after the step',
      untested: 'their rule is about two tensors that their model names; the norm over all of them is what is tested',
    },
  ],
};
