// Every wrapper that a composed name can use, 'sam(sgd)': a new one is a file of its own and a line here.

export { accumulate } from './wrappers/accumulate.ts';
export { cautious } from './wrappers/cautious.ts';
export { clipAgc, clipByRms, clipByTensor } from './wrappers/clip-tensors.ts';
export { clipByGlobalNorm, clipByValue } from './wrappers/clip.ts';
export { decayAll } from './wrappers/decay-all.ts';
export { emaWeights } from './wrappers/ema-weights.ts';
export { gradientNoise } from './wrappers/gradient-noise.ts';
export { lookahead } from './wrappers/lookahead.ts';
export { sam } from './wrappers/sam.ts';
export { weightConditioning } from './wrappers/weight-conditioning.ts';
export { xgrad } from './wrappers/xgrad.ts';
