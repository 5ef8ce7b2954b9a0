import type { About } from './about.ts';

export const about: About = {
  equations: [
    String.raw`m_{t+1} = \arg\min_m \; D(g_t - m) + \frac{1}{2\tau} \lVert m - m_t \rVert^2, \qquad w_{t+1} = w_t - \eta\, m_{t+1}`,
    String.raw`D = \lVert\cdot\rVert_2:\ m_{t+1} = m_t + \min\!\left(1, \tfrac{\tau}{\lVert d_t \rVert}\right) d_t, \qquad D = \lVert\cdot\rVert_1:\ m_{t+1} = m_t + \mathrm{clip}(d_t, -\tau, \tau), \qquad d_t = g_t - m_t`,
  ],
  use: "For gradients with heavy tails: 'cclip' survives noise of infinite mean. tau trades how fast the estimate follows against how much one outlier moves it. With light-tailed noise plain momentum (distance 'mean') is as good.",
  relatives: {
    'sgd-clip': 'clips against 0, this against the running estimate',
    signum: 'cclip with a tau that every coordinate exceeds moves the estimate by tau sign(d)',
    sgd: "distance 'mean' is its momentum with decay 1 / (1 + tau)",
  },
};
