import type { ModelContext, Tensors } from './model.ts';

/** The tensors below a part's name, by their names within the part: { 'fc1.weight': w } at 'fc1' is { weight: w }. */
export function scopedTensors(tensors: Tensors, part: string): Tensors {
  const prefix = `${part}.`;
  return Object.fromEntries(
    Object.entries(tensors)
      .filter(([name]) => name.startsWith(prefix))
      .map(([name, tensor]) => [name.slice(prefix.length), tensor]),
  );
}

/** The context as a part sees it: its own buffers, by their names within the part. */
export const scopedContext = (context: ModelContext, part: string): ModelContext => ({
  training: context.training,
  random: context.random,
  buffers: scopedTensors(context.buffers, part),
  setBuffer: (name, value) => context.setBuffer(`${part}.${name}`, value),
});
