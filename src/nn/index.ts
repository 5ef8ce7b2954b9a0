export { causalWeights } from '../tensor/attention.ts';
export { distillation, softDivergence } from '../tensor/distillation.ts';
export { type AttentionOptions, causalSelfAttention } from './attention.ts';
export { expectedGradients, type FeatureEdge, gini, graphPenalty, totalVariation } from './attribution.ts';
export {
  activationRegularization,
  bpttLength,
  embeddingDropout,
  lockedDropout,
  temporalActivationRegularization,
  type WeightDropOptions,
  weightDrop,
} from './awd.ts';
export { compose, type Layers, type Parts, sequential } from './compose.ts';
export { type ConvLayerOptions, conv } from './conv.ts';
export { type DenseOptions, dense } from './dense.ts';
export { dropoutLayer } from './dropout.ts';
export { type EmbeddingOptions, embedding, learnedPositions } from './embedding.ts';
export type { Fans, InitRule } from './init.ts';
/** Rules by which parameters begin: `init.heNormal`, `init.normal(0.02)`. */
export * as init from './init.ts';
export {
  binaryErrorRate,
  errorRate,
  meanBinaryCrossEntropy,
  meanCrossEntropy,
  meanSquaredError,
  sampleLabels,
} from './losses.ts';
export { type LstmOptions, type LstmState, lstm, lstmCell } from './lstm.ts';
export { type MlpOptions, mlp } from './mlp.ts';
export type { Initializer, Model, ModelContext, ParameterSpec, ParameterSpecs, Tensors } from './model.ts';
export { type BatchNormalizationOptions, batchNormalization, layerNormalization } from './normalization.ts';
export { errorSignals, signalRatios, vanishingGradientPenalty } from './recurrent-penalty.ts';
export {
  type ActivationName,
  activation,
  activations,
  averagePooling,
  flattenLayer,
  maxPooling,
  stateless,
} from './stateless.ts';
export { type BlockOptions, type GptOptions, gpt, transformerBlock } from './transformer.ts';
export { conditionedWeight } from './weight-conditioning.ts';
