import type { About } from './about.ts';

export const about: About = {
  equations: [
    String.raw`w_{t+1,j} = w_{t,j} - \eta_{t,j}\, g_{t,j}, \qquad \eta_{t+1,j} = \mathrm{clip}\Bigl( \frac{\alpha + \sum_{s \le t} g_{s,j}\, g'_{s,j}}{M \bigl(\alpha + \sum_{s \le t} g_{s,j}^2\bigr)},\ 0,\ \frac{2}{M} \Bigr)`,
  ],
  use: 'SGDOL where some coordinates are much noisier than others: the quiet ones keep their long steps. With the same noise everywhere the global form is the better one.',
  relatives: {
    sgdol: 'one step size for all coordinates',
    adagrad: 'steps by coordinate that shrink with all gradients, noise or not',
  },
};
