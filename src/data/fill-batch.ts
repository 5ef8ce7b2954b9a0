import type { Buffer } from '../runtime/engine.ts';
import { sizeOf } from '../tensor/shape.ts';
import { DataError } from './array-dataset.ts';
import type { Dataset } from './dataset.ts';

/**
 * Writes the examples at `indices` into the buffers of a batch, field by field, in place: buffers[field] has shape [batch, ...field shape].
 * Fields without a buffer are left out.
 */
export function fillBatch(
  dataset: Dataset,
  indices: ArrayLike<number>,
  buffers: Readonly<Record<string, Buffer>>,
): void {
  for (const name in buffers) {
    const field = dataset.fields[name];
    if (!field)
      throw new DataError(`fillBatch: the data has no field '${name}'; it has ${Object.keys(dataset.fields)}`);
    const { data } = buffers[name];
    const width = sizeOf(field.shape);
    if (data.length !== indices.length * width) {
      const want = `[${[indices.length, ...field.shape]}]`;
      throw new DataError(`fillBatch: field '${name}' needs a buffer of shape ${want}, not [${buffers[name].shape}]`);
    }
    dataset.read(indices, name, data);
  }
}
