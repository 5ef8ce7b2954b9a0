/**
 * Values under which three steps of a method use every part of it: short periods, small ranks, warmups of one step. By the name of the
 * method or composed optimizer; what is not named here is tested at its defaults.
 */
export const brisk: Readonly<Record<string, Readonly<Record<string, number | boolean | string>>>> = {
  adam8bit: { blockSize: 8, minSize: 16 },
  badam: { period: 1 },
  frugal: { percent: 40, gap: 2 },
  'grades(adam)': { freezeBelow: 0.1, grace: 0 },
  'induced-metric': { variant: 'rms' },
  'lookahead(sgd)': { lookaheadSteps: 2, innerState: 'pullback', momentum: 0.9 },
  'accumulate(adam)': { microBatches: 2 },
  'sgdr(sgd)': { cycle: 1, cycleGrowth: 2, floor: 0.1 },
  'polynomial(sgd)': { warmup: 1, warmupForm: 'cosine', warmupMode: 'multiply' },
  slq: { order: 3, refresh: 2, damping: 0.1 },
  sga: { innerBatches: 2, radius: 0.5, momentum: 0.9 },
  // With the default 1e-4 the inverse of a small curvature magnifies the rounding of float32.
  adahessian: { eps: 0.1 },
  // Under this delta every matrix is projected.
  adamp: { delta: 100, weightDecay: 0.1 },
  'd-adaptation-adagrad': { d0: 0.1 },
  'd-adaptation-adam': { d0: 0.1 },
  'd-adaptation-adan': { d0: 0.1 },
  'd-adaptation-lion': { d0: 0.1 },
  'd-adaptation-sgd': { d0: 0.1 },
  'distributed-shampoo': { refresh: 2, eps: 1e-6 },
  dog: { repsRel: 0.1 },
  dowg: { rEps: 0.1 },
  // Above the loss at the start.
  'flooding(sgd)': { floodLevel: 10 },
  'galore-adam': { rank: 2, gap: 2 },
  ldog: { repsRel: 0.1 },
  'lion-k': { kappa: 'lp', p: 1.5, scope: 'tensor', weightDecay: 0.1 },
  mars: { vectorLr: 0.01, firstStep: 'code' },
  'mechanic(sgd)': { sInit: 0.1, lr: 1 },
  'mesa(sgd)': { mesaStart: 1, mesaDecay: 0.5 },
  // At 0.01 the weights move little more than float32 rounds.
  'nag-gs': { lr: 0.3 },
  'opt-amsgrad': { history: 2 },
  prodigy: { d0: 0.1 },
  'psgd-kron': { balance: 0.5, updateDecay: 1, updateFlat: 1 },
  psps: { leastScale: 0.1, lr: 0.1 },
  rmsprop: { momentum: 0.9, centered: true },
  sgdp: { delta: 100, momentum: 0.9, weightDecay: 0.1 },
  // The default eps sharpens the rounding of float32 where an element of the rotated gradient is nearly 0.
  soap: { refresh: 1, eps: 1e-2, shampooBeta: 0.8 },
  sophia: { period: 2, eps: 1e-3 },
  asgd: { lambda: 0.1, averageStart: 0 },
  'aswa(sgd)': { aswaEvery: 2 },
  'lawa(sgd)': { lawaEvery: 2, lawaCheckpoints: 2 },
  'naswa(sgd)': { naswaEvery: 2 },
  'sema(sgd)': { semaDecay: 0.5, switchEvery: 2 },
  'swa(sgd)': { swaStart: 0, swaEvery: 2 },
  'swa-rate(sgd)': { cycleSteps: 2, cycleLow: 0.5 },
  'subspace-momentum': { percent: 40, gap: 2 },
};

/** Methods that take eigenvalues or QR: ONNX has no such ops; 'auto' gives them to wasm. */
export const needEigh: readonly string[] = [
  'distributed-shampoo',
  'galore-adam',
  'shampoo',
  'soap',
  'steepest-descent',
  'subspace-momentum',
];
