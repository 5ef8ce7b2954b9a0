import type { KernelGradValue } from './ir.ts';

// How the gradient of a kernel is cut: what its writer and those who share it among threads agree on.

/** Sums that are kept in registers; the rest of the sixteen hold what is multiplied. */
export const mostSums = 12;

/** Output channels that are summed at once. */
export const channelsAtOnce = ({ shape: [out, , , taps] }: KernelGradValue): number =>
  Math.min(out, Math.max(1, Math.floor(mostSums / taps)));

/** Parts that write apart: rows of the kernel, for each channel of the image and each group of output channels. */
export const kernelGradItems = (value: KernelGradValue): number =>
  Math.ceil(value.shape[0] / channelsAtOnce(value)) * value.shape[1] * value.shape[2];
