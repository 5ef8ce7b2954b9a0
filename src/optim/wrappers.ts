// Every wrapper that a composed name can use, 'sam(sgd)': a new one is a file of its own and a line here.

export { adaptiveBatch } from './batch-size/adaptive-batch.ts';
export { accumulate } from './wrappers/accumulate.ts';
export { aswa, naswa } from './wrappers/aswa.ts';
export { cautious } from './wrappers/cautious.ts';
export { clipByGlobalNorm, clipByValue } from './wrappers/clip.ts';
export { clipAgc, clipByRms, clipByTensor } from './wrappers/clip-tensors.ts';
export { decayAll } from './wrappers/decay-all.ts';
export { emaWeights } from './wrappers/ema-weights.ts';
export { flooding } from './wrappers/flooding.ts';
export { grades } from './wrappers/grades.ts';
export { gradientNoise } from './wrappers/gradient-noise.ts';
export { gradientRegularization } from './wrappers/gradient-regularization.ts';
export { lawa } from './wrappers/lawa.ts';
export { lookahead } from './wrappers/lookahead.ts';
export { mechanic } from './wrappers/mechanic.ts';
export { mesa } from './wrappers/mesa.ts';
export { ntAsgd } from './wrappers/nt-asgd.ts';
export { plateau } from './wrappers/plateau.ts';
export { polyak } from './wrappers/polyak.ts';
export { sam } from './wrappers/sam.ts';
export { sema } from './wrappers/sema.ts';
export { swa } from './wrappers/swa.ts';
export { swad } from './wrappers/swad.ts';
export { weightConditioning } from './wrappers/weight-conditioning.ts';
export { xgrad } from './wrappers/xgrad.ts';
