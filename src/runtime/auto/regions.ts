import type { OpName } from '../../tensor/attrs.ts';
import type { Tensor } from '../../tensor/tensor.ts';
import { isEpilogue, onnxPass, rates, wasmElement } from './cost.ts';
import { baseOf, isView } from './views.ts';

const fusableOps: ReadonlySet<OpName> = new Set([
  ...(['neg', 'abs', 'sign', 'exp', 'expm1', 'log', 'log1p', 'sqrt', 'sin', 'cos', 'tanh', 'sigmoid', 'erf'] as const),
  ...(['relu', 'floor', 'ceil', 'round', 'add', 'sub', 'mul', 'div', 'pow', 'maximum', 'minimum'] as const),
  ...(['eq', 'ne', 'lt', 'le', 'gt', 'ge', 'and', 'or', 'not', 'cast', 'where', 'broadcastTo'] as const),
  ...(['sum', 'max', 'min', 'segmentBroadcast', 'segmentSum'] as const),
  ...(['gelu', 'softmax', 'logSoftmax', 'layerNorm', 'inverseStd'] as const),
]);

/** ONNX Runtime finds the places of maxima one by one, wasm four at a time: in a tenth of the time or less. */
const findsPlaces = ({ op }: Tensor): boolean => op === 'maxPoolScatter' || op === 'maxPoolGather';

const reductions: ReadonlySet<OpName> = new Set(['sum', 'max', 'min']);

/** Sums of columns, which ONNX Runtime computes as a product with ones in half the time of a fused loop. */
const sumsColumns = (node: Tensor): boolean =>
  node.is('sum') && node.inputs[0].rank > 1 && node.attrs.axes.every((axis) => axis < node.attrs.axes.length);

/** Does wasm fuse the node with its neighbours into loops over memory, and is that worth while? */
export const isFusable = (node: Tensor): boolean =>
  (fusableOps.has(node.op) && !sumsColumns(node)) || findsPlaces(node);

/** Connected nodes that wasm would compute in one stage. */
export type Region = ReadonlySet<Tensor>;

/** The regions of fusable nodes, given the stages that nodes would have if wasm computed all of those. */
function regionsOf(work: readonly Tensor[], stageOf: ReadonlyMap<Tensor, number>): Region[] {
  const regionOf = new Map<Tensor, Set<Tensor>>();
  for (const node of work) {
    if (!isFusable(node)) continue;
    let region = new Set([node]);
    for (const input of node.inputs) {
      const base = baseOf(input);
      const other = regionOf.get(base);
      if (!other || other === region || stageOf.get(base) !== stageOf.get(node)) continue;
      const [large, small] = other.size > region.size ? [other, region] : [region, other];
      for (const member of small) {
        large.add(member);
        regionOf.set(member, large);
      }
      region = large;
    }
    regionOf.set(node, region);
  }
  return [...new Set(regionOf.values())];
}

/** Nanoseconds that wasm's passes over a region save, against ONNX Runtime's pass for every node. */
function savedBy(region: Region, readers: ReadonlyMap<Tensor, readonly Tensor[]>): number {
  const moved = new Set<Tensor>();
  let saved = 0;
  for (const node of region) {
    const size = node.inputs.reduce((most, input) => Math.max(most, input.size), node.size);
    if (!isEpilogue(node)) saved += onnxPass(node);
    saved -= wasmElement(node) * size;
    for (const input of node.inputs.map(baseOf)) if (!region.has(input)) moved.add(input);
    const users = readers.get(node);
    if (!users?.every((user) => region.has(user))) moved.add(node);
    // What is summed is read again by those who need the sum.
    if (reductions.has(node.op) && users?.some((user) => region.has(user))) saved -= rates.move.wasm * size;
  }
  for (const { size } of moved) saved -= rates.move.wasm * size;
  return saved;
}

/** The nodes of all regions that save more than `change` nanoseconds, and of those that find places of maxima. */
export function profitable(
  work: readonly Tensor[],
  stageOf: ReadonlyMap<Tensor, number>,
  change: number,
): ReadonlySet<Tensor> {
  const readers = new Map<Tensor, Tensor[]>();
  for (const node of work) {
    if (isView(node)) continue;
    for (const input of node.inputs) {
      const base = baseOf(input);
      const known = readers.get(base);
      if (known) known.push(node);
      else readers.set(base, [node]);
    }
  }
  const worthwhile = (region: Region): boolean => [...region].some(findsPlaces) || savedBy(region, readers) > change;
  const regions = regionsOf(work, stageOf).filter(worthwhile);
  return new Set(regions.flatMap((region) => [...region]));
}
