export { type ArrayField, arrayDataset, DataError } from './array-dataset.ts';
export type { Dataset, Field, Splits } from './dataset.ts';
export { fillBatch } from './fill-batch.ts';
export { type MnistOptions, mnist, mnistPixels } from './mnist.ts';
export { epochSampler, type Sampler, type SamplerOptions } from './sampler.ts';
export { type SotuText, sotu, sotuVocabulary } from './sotu.ts';
export { type SplitOptions, shuffled, slice, split, subset, thin } from './split.ts';
export { type TextWindowOptions, textWindows } from './text-windows.ts';
export { type Vocabulary, vocabulary } from './vocabulary.ts';
