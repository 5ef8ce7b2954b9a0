// Symbolic tensors, what acts on them, and the transforms of functions over them.

export type { ConvGeometry, Distribution, OpAttrs, OpName, PoolGeometry } from './attrs.ts';
export { Bundle, type BundleOperand, Layout, type Leaf, merge, perTensor, type Role, zerosLike } from './bundle.ts';
export { bytesPerElement, type DType, dtypes, isFloat } from './dtype.ts';
export { einsum } from './einsum.ts';
export { TensorError } from './error.ts';
export { expand, isComposite } from './expand.ts';
export {
  arange,
  avgPool,
  type ConvOptions,
  concat,
  constant,
  conv2d,
  crossEntropy,
  eigh,
  eye,
  full,
  layerNorm,
  maxPool,
  type Nested,
  oneHot,
  ones,
  orthonormalize,
  type Padding,
  type PoolOptions,
  parameter,
  scatterAdd,
  stack,
  takeLast,
  where,
  zeros,
} from './functions.ts';
export { type Graph, isLeaf, substitute, topological } from './graph.ts';
export { dropout, RandomStreams, randomNormal, randomRademacher, randomUniform } from './random.ts';
export { broadcastShapes, formatShape, type Shape, sameShape, sizeOf } from './shape.ts';
export { type Axes, apply, type Operand, type ReduceOptions, scalar, Tensor } from './tensor.ts';
export { type TensorSpec, type Traced, trace } from './trace.ts';
export {
  cotangentsOf,
  grad,
  gradients,
  hvp,
  type InAxes,
  jvp,
  tangentsOf,
  valueAndGrad,
  vjp,
  vmap,
} from './transforms.ts';
export { type FlatTree, flatten, mapTree, type Tree, type TreeNode, unflatten } from './tree.ts';
