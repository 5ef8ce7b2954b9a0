import type { About } from './about.ts';

export const about: About = {
  equations: [
    String.raw`H V_m \approx V_m T_m \ \text{(Lanczos)}, \qquad L = \lambda_{\max}(T_m), \quad \ell = \text{smallest positive Ritz value}`,
    String.raw`\eta = \left(\frac{2}{\sqrt L + \sqrt \ell}\right)^2, \qquad \beta = \left(\frac{\sqrt L - \sqrt \ell}{\sqrt L + \sqrt \ell}\right)^2, \qquad m \leftarrow \beta m + g, \quad w \leftarrow w - \eta m`,
  ],
  use: 'Nearly quadratic problems where curvature is the same for long, and a probe of what rate the curvature allows. On networks with minibatches the rate is too bold for the noise: damp it. It costs `order` Hessian-vector products at each refresh.',
  relatives: {
    sgd: 'the same step with rate and momentum given',
    lbfgs: 'learns more of the curvature than its two ends',
  },
};
