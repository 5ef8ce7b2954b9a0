import type { TypedArray } from '../runtime/engine.ts';
import { DataError } from './array-dataset.ts';
import type { Dataset } from './dataset.ts';

export interface TextWindowOptions {
  /** Symbols in one window. */
  readonly length: number;
  /** From the start of one window to that of the next. Default `length`: each symbol is a target once. */
  readonly stride?: number;
}

/**
 * Windows of a sequence of symbols for next-symbol prediction. Fields: `input` int32 [length] and `target` int32 [length], which is
 * `input` one place on. A rest at the end that does not fill a window is left out.
 */
export function textWindows(symbols: TypedArray, { length, stride = length }: TextWindowOptions): Dataset {
  if (symbols.length <= length) {
    throw new DataError(`textWindows: ${symbols.length} symbols do not fill a window of ${length} and its target`);
  }
  const field = { shape: [length], dtype: 'int32' } as const;
  return {
    size: Math.floor((symbols.length - 1 - length) / stride) + 1,
    fields: { input: field, target: field },
    read(indices, name, target) {
      const shift = name === 'target' ? 1 : 0;
      for (let i = 0; i < indices.length; i++) {
        const start = indices[i] * stride + shift;
        target.set(symbols.subarray(start, start + length), i * length);
      }
    },
  };
}
