import { type AttentionOptions, causalSelfAttention } from './attention.ts';
import { compose, sequential } from './compose.ts';
import { dense } from './dense.ts';
import { dropoutLayer } from './dropout.ts';
import { embedding, learnedPositions } from './embedding.ts';
import { type InitRule, normal, zeros } from './init.ts';
import type { Model } from './model.ts';
import { layerNormalization } from './normalization.ts';
import { activation } from './stateless.ts';

export interface BlockOptions extends AttentionOptions {
  /** Width of the hidden layer of the MLP, in widths. Default 4. */
  expansion?: number;
}

/**
 * A pre-norm transformer block with a GELU MLP: [N, T, width] -> the same; x + attention(norm1(x)), then x + mlp(norm2(x)).
 * Xiong et al. 2020, arXiv:2002.04745, figure 1b. `dropout` acts on attention weights and on both branches.
 */
export function transformerBlock(width: number, heads: number, options: BlockOptions = {}): Model {
  const { init, residualInit = init, dropout: rate = 0, expansion = 4 } = options;
  const matrix = (rule: InitRule | undefined) => rule && { init: rule, biasInit: zeros };
  const parts = {
    norm1: layerNormalization(width),
    attention: causalSelfAttention(width, heads, { init, residualInit, dropout: rate }),
    drop1: dropoutLayer(rate),
    norm2: layerNormalization(width),
    mlp: sequential({
      up: dense(width, expansion * width, matrix(init)),
      gelu: activation('gelu'),
      down: dense(expansion * width, width, matrix(residualInit)),
    }),
    drop2: dropoutLayer(rate),
  };
  return compose(parts, ({ norm1, attention, drop1, norm2, mlp, drop2 }, x) => {
    const attended = x.add(drop1(attention(norm1(x))));
    return attended.add(drop2(mlp(norm2(attended))));
  });
}

export interface GptOptions {
  readonly vocabulary: number;
  /** Longest sequence. */
  readonly context: number;
  readonly width: number;
  readonly heads: number;
  readonly layers: number;
  /** Default 0. */
  readonly dropout?: number;
}

/**
 * A decoder-only language model: int32 [N, T] -> logits [N, T, vocabulary]. Matrices and embeddings begin at N(0, 0.02²), those that write
 * to the residual stream at N(0, 0.02² / (2 layers)), biases at 0. Radford et al. 2019 (GPT-2), section 2.3; the head is not tied.
 */
export function gpt({ vocabulary, context, width, heads, layers, dropout: rate = 0 }: GptOptions): Model {
  const init = normal(0.02);
  const options = { init, residualInit: normal(0.02 / Math.sqrt(2 * layers)), dropout: rate };
  const blocks = Object.fromEntries(
    Array.from({ length: layers }, (_, i) => [`block${i + 1}`, transformerBlock(width, heads, options)]),
  );
  return sequential({
    tokens: embedding(vocabulary, width, { init }),
    positions: learnedPositions(context, width, { init }),
    drop: dropoutLayer(rate),
    ...blocks,
    norm: layerNormalization(width),
    head: dense(width, vocabulary, { role: 'head', bias: false, init }),
  });
}
