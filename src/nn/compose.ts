import { TensorError } from '../tensor/error.ts';
import type { Tensor } from '../tensor/tensor.ts';
import type { Model, ModelContext, ParameterSpecs, Tensors } from './model.ts';
import { scopedContext, scopedTensors } from './scope.ts';

/** Models by name; the name becomes the first part of the names of their parameters: 'fc1.weight'. */
export type Parts = Readonly<Record<string, Model>>;

/** The parts of a composed model as functions of a tensor, their parameters already given. */
export type Layers<P extends Parts> = { readonly [K in keyof P]: (x: Tensor) => Tensor };

/**
 * One model of several: `forward` says how the parts join.
 *
 * ```ts
 * const residual = compose({ norm: layerNormalization(8), fc: dense(8, 8) }, ({ norm, fc }, x) => x.add(fc(norm(x))));
 * ```
 */
export function compose<const P extends Parts>(
  parts: P,
  forward: (layers: Layers<P>, x: Tensor, context: ModelContext) => Tensor,
): Model {
  for (const name of Object.keys(parts)) {
    if (name === '' || name.includes('.')) {
      throw new TensorError('compose', `the part name '${name}' must be a word without dots: dots part the levels`);
    }
  }
  return {
    parameters: prefixed(parts, (part) => part.parameters),
    buffers: prefixed(parts, (part) => part.buffers),
    apply: (params, x, context) => forward(bindParts(parts, params, context), x, context),
  };
}

/** Applies models one after the other. */
export const sequential = (parts: Parts): Model =>
  compose(parts, (layers, x) => Object.values(layers).reduce((activation, layer) => layer(activation), x));

function prefixed(parts: Parts, specs: (part: Model) => ParameterSpecs): ParameterSpecs {
  return Object.fromEntries(
    Object.entries(parts).flatMap(([name, part]) =>
      Object.entries(specs(part)).map(([leaf, spec]) => [`${name}.${leaf}`, spec]),
    ),
  );
}

function bindParts<P extends Parts>(parts: P, params: Tensors, context: ModelContext): Layers<P> {
  const layers = Object.entries(parts).map(([name, part]) => [
    name,
    (x: Tensor) => part.apply(scopedTensors(params, name), x, scopedContext(context, name)),
  ]);
  return Object.fromEntries(layers) as Layers<P>;
}
