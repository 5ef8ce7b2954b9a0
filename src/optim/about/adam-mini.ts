import type { About } from './about.ts';

export const about: About = {
  equations: [
    String.raw`m \leftarrow \beta_1 m + (1 - \beta_1)\, g`,
    String.raw`v_b \leftarrow \beta_2 v_b + (1 - \beta_2)\, \frac{1}{|b|} \sum_{i \in b} g_i^2 \qquad \text{for each block } b`,
    String.raw`w_b \leftarrow (1 - \eta \lambda)\, w_b - \eta\, \frac{\hat m_b}{\sqrt{\hat v_b} + \varepsilon}`,
  ],
  use: 'Adam with half its state, at the rates of AdamW, for transformers. Where inputs of one row differ much in scale, a second moment for each element is worth its memory.',
  relatives: {
    adamw: 'one second moment for each element; rows of one element, and biases, take exactly that',
    'subset-norm': 'sums in the place of means, eps before the bias correction, and subsets along the longer side',
    adafactor: 'second moments of rows and columns, no momentum',
  },
  disagreements: [
    {
      kind: 'fork',
      who: 'zyushun/Adam-mini before 1.1',
      what: 'embedding and output layer kept a second moment for each element',
      ours: 'rows, as in 1.1.1',
      option: "embeddings: 'element'",
    },
    {
      kind: 'fork',
      who: 'pytorch_optimizer 4.1.0, AdamMini',
      what: 'a tensor whose name it does not know (most matrices, and all biases) has one second moment; embeddings have one for each element; all is computed in float32',
      ours: 'rows of every matrix, elements of biases; with one for each tensor, in float64, the trajectories agree',
      option: "partition: 'tensor'",
    },
    {
      kind: 'fork',
      who: 'zyushun/Adam-mini 1.1.1',
      what: 'query and key matrices are found by name and have one second moment for each attention head, values one for each row; a fused matrix is a case of its own',
      ours: 'the same by name, with heads above 1; a fused qkv matrix has one for each head of queries, keys and values',
      option: 'heads: 12',
    },
  ],
};
