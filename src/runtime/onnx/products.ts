import type { OpAttrs } from '../../tensor/attrs.ts';
import { type Shape, sameShape } from '../../tensor/shape.ts';
import type { Emitter, Value } from './emitter.ts';
import type { Lowering, Lowerings } from './lowering.ts';

const flag = (on: boolean): { int: number } => ({ int: on ? 1 : 0 });

function swapLast(emit: Emitter, x: Value, wanted: boolean): Value {
  const rank = x.shape.length;
  return wanted ? emit.transpose(x, [...Array(rank - 2).keys(), rank - 1, rank - 2]) : x;
}

const flags = ({ transposeA, transposeB }: OpAttrs['matmul']) => ({
  transA: flag(transposeA),
  transB: flag(transposeB),
});

/** How a product is taken, and the factors, 1 by default, of the product and of what is added. */
type Affine = OpAttrs['matmul'] & { readonly alpha?: number; readonly beta?: number };

/**
 * alpha a b + beta bias for matrices a and b, each read transposed if asked; the bias broadcasts. With `turned`, b is transposed in memory,
 * once for all products that ask for it.
 */
export function affine(
  emit: Emitter,
  [a, b, ...bias]: readonly Value[],
  attrs: Affine,
  shape: Shape,
  turned = false,
): Value {
  if (!turned || !attrs.transposeB) {
    const { alpha = 1, beta = 1 } = attrs;
    const attributes = { ...flags(attrs), alpha: { float: alpha }, beta: { float: beta } };
    return emit.op('Gemm', [a, b, ...bias], { shape, attributes });
  }
  const transposed = emit.once(`turned ${b.name}`, () => emit.transpose(b, [1, 0]));
  return affine(emit, [a, transposed, ...bias], { ...attrs, transposeB: false }, shape);
}

/**
 * Two matrices are a Gemm, which reads either of them transposed without a copy; so does FusedMatMul for batches. A batch times one
 * matrix needs no flag on the batch, and ONNX Runtime then multiplies all rows at once.
 */
const matmul: Lowering<'matmul'> = (emit, [a, b], attrs, { shape }) => {
  const { transposeA, transposeB } = attrs;
  if (a.shape.length === 2 && b.shape.length === 2) return affine(emit, [a, b], attrs, shape);
  if (!transposeA && !transposeB) return emit.op('MatMul', [a, b], { shape });
  if (a.type === 'float32') {
    return emit.op('FusedMatMul', [a, b], { shape, attributes: flags(attrs), domain: 'com.microsoft' });
  }
  return emit.op('MatMul', [swapLast(emit, a, transposeA), swapLast(emit, b, transposeB)], { shape });
};

/** A product of two equal batches [..., m, k] and [..., n, k], the second read transposed. */
export function timesTransposed(emit: Emitter, a: Value, b: Value): Value {
  const batch = a.shape.slice(0, -2);
  if (!sameShape(batch, b.shape.slice(0, -2))) throw new Error('batches differ');
  const shape: Shape = [...batch, a.shape[batch.length], b.shape[batch.length]];
  return matmul(emit, [a, b], { transposeA: false, transposeB: true }, { shape, dtype: 'float32' });
}

export const products: Lowerings<'matmul' | 'eigh' | 'qr'> = {
  matmul,
  eigh: { unsupported: 'ONNX has no eigenvalue decomposition; the wasm and reference engines do' },
  qr: { unsupported: 'ONNX has no QR decomposition; the wasm and reference engines do' },
};
