import type { About } from './about.ts';

export const about: About = {
  equations: [
    String.raw`m_t = \beta_1 m_{t-1} + (1 - \beta_1)\, g_t, \qquad v_t = \beta_2 v_{t-1} + (1 - \beta_2)\, g_t^2`,
    String.raw`\hat m_t = \frac{m_t}{1 - \beta_1^t}, \qquad \hat v_t = \frac{v_t}{1 - \beta_2^t}`,
    String.raw`w_{t+1} = w_t - \eta\, \frac{\hat m_t}{\sqrt{\hat v_t} + \varepsilon}`,
  ],
  use: 'The default of much of deep learning where gradients differ in scale from tensor to tensor. With weight decay, take adamw.',
  relatives: {
    adamw:
      'its weight decay shrinks the weights directly; here it is part of the gradient and is divided by the root too',
    rmsprop: 'no first moment and no bias correction; with `biasCorrection` it is this with beta1 = 0',
    adamax: 'divides by a decaying maximum of gradient sizes instead of the root mean square',
    nadam: 'looks ahead along the first moment',
    signum: 'there the step has one size for all coordinates; beta1 = beta2 = 0 makes this SignSGD',
  },
  disagreements: [
    {
      kind: 'fork',
      who: 'Kingma & Ba 2015, end of section 2; Keras 3, keras.optimizers.Adam; TensorFlow',
      what: 'the "efficient" form adds eps to the root of the uncorrected second moment, so that eps counts 1 / sqrt(1 - beta2) times as much in the first step',
      ours: 'eps is added after the bias correction, as in Algorithm 1, PyTorch and Optax; the two differ in the first steps only',
      option: 'epsHat: true',
    },
  ],
};
