/**
 * Values under which three steps of a method use every part of it: short periods, small ranks, warmups of one step. By the name of the
 * method or composed optimizer; what is not named here is tested at its defaults.
 */
export const brisk: Readonly<Record<string, Readonly<Record<string, number | boolean | string>>>> = {
  'accumulate(adam)': { microBatches: 2 },
  // With the default 1e-4 the inverse of a small curvature magnifies the rounding of float32.
  adahessian: { eps: 0.1 },
  'distributed-shampoo': { refresh: 2, eps: 1e-6 },
  'galore-adam': { rank: 2, gap: 2 },
};

/** Methods that take eigenvalues: ONNX has no such op; 'auto' gives it to wasm. */
export const needEigh: readonly string[] = ['distributed-shampoo', 'galore-adam', 'shampoo'];
