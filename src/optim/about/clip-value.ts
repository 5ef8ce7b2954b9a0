import type { About } from './about.ts';

export const about: About = {
  equations: [String.raw`g_i \leftarrow \min(\max(g_i, -c), c)`],
  use: 'Where single coordinates explode. It changes the direction of the gradient, so clip is usually the better choice.',
  relatives: {
    clip: 'scales the whole and keeps its direction',
    signsgd: 'the limit of a small bound, up to scale',
  },
};
