import type { About } from './about.ts';

export const about: About = {
  equations: [
    String.raw`\min_w\; L(w) + \tfrac{\gamma}{2} \lVert \nabla L(w) \rVert^2, \qquad \text{gradient } G + \gamma\, \nabla^2 L(w)\, G, \quad G = \nabla L(w)`,
    String.raw`\nabla^2 L\, G \approx \frac{\nabla L(w + \varepsilon G) - G}{\varepsilon} \ \text{(forward)}, \qquad \frac{G - \nabla L(w - \varepsilon G)}{\varepsilon} \ \text{(backward)}`,
  ],
  use: 'To keep a run in flat regions when SAM is too coarse: gamma weighs the penalty apart from the length eps of the probe. The forward difference with a large eps is the one that was found to generalise best; a centred one costs a third gradient and buys accuracy that does not help.',
  relatives: {
    sam: 'with `normalized: false` it is the forward difference with gamma = eps = rho; with its norm the penalty is |grad L| instead of its square',
    flooding: 'alternating ascent and descent near a level: the same product over two steps instead of in one',
  },
  disagreements: [
    {
      kind: 'fork',
      who: 'Karakida et al. 2023, arXiv:2210.02720; earlier work on gradient penalties',
      what: 'finite differences, ascending or descending, against the exact product by double back-propagation; they agree on a quadratic only, and lead to different solutions where there are many',
      ours: 'the forward difference; the others are options',
      option: "grDifference: 'backward' or grDifference: 'centred' or grDifference: 'exact'",
    },
  ],
};
