import type { CompositeName } from '../../tensor/attrs.ts';
import type { Emitter, Value } from './emitter.ts';
import { unsignedIndices } from './indexing.ts';
import type { Lowerings } from './lowering.ts';

const lastAxis = { axis: { int: -1 } };

const inverseStdOf = (x: Value, epsilon: number): string => `inverseStd ${x.name} ${epsilon}`;

/** A layer norm, which answers the inverse deviations of its rows beside its value. */
function normalize(emit: Emitter, [x, gain, bias]: readonly Value[], epsilon: number): { y: Value; inverseStd: Value } {
  const rows = [...x.shape.slice(0, -1), 1];
  const [y, , inverseStd] = emit.several(
    'LayerNormalization',
    [x, gain, bias],
    [
      [x.shape, x.type],
      [rows, 'float32'],
      [rows, 'float32'],
    ],
    { ...lastAxis, epsilon: { float: epsilon } },
  );
  return { y, inverseStd: emit.once(inverseStdOf(x, epsilon), () => inverseStd) };
}

/** The statistics of ONNX Runtime's layer norm are float32 whatever it normalizes. */
function inverseStd64(emit: Emitter, x: Value, epsilon: number): Value {
  const rows = [...x.shape.slice(0, -1), 1];
  const mean = (of: Value): Value => emit.op('ReduceMean', [of], { shape: rows }, [emit.integers([rows.length - 1])]);
  const centred = emit.op('Sub', [x, mean(x)]);
  const variance = mean(emit.op('Mul', [centred, centred]));
  return emit.op('Reciprocal', [emit.op('Sqrt', [emit.op('Add', [variance, emit.scalar(epsilon, x.type)])])]);
}

export const composites: Lowerings<CompositeName> = {
  softmax: (emit, [x]) => emit.op('Softmax', [x], { attributes: lastAxis }),
  logSoftmax: (emit, [x]) => emit.op('LogSoftmax', [x], { attributes: lastAxis }),
  crossEntropy: (emit, [logits, labels], _, { shape }) => {
    const logs = emit.op('LogSoftmax', [logits], { attributes: lastAxis });
    const column = emit.reshape(unsignedIndices(emit, labels, logits.shape[logits.shape.length - 1]), [
      ...labels.shape,
      1,
    ]);
    const picked = emit.op('GatherElements', [logs], { shape: column.shape, attributes: lastAxis }, [column]);
    return emit.reshape(emit.op('Neg', [picked]), shape);
  },
  layerNorm: (emit, operands, { epsilon }) => normalize(emit, operands, epsilon).y,
  lstm: { unsupported: 'it is unrolled before' },
  lstmTrace: { unsupported: 'it is unrolled before' },
  lstmBackward: { unsupported: 'it is unrolled before' },
  causalAttention: { unsupported: 'it is expanded before' },
  causalAttentionBackward: { unsupported: 'it is expanded before' },
  // Any layer norm of x answers it beside its value.
  inverseStd: (emit, [x], { epsilon }) => {
    if (x.type === 'float64') return inverseStd64(emit, x, epsilon);
    const line = (value: number): Value => emit.constant(new Array<number>(x.shape.at(-1) ?? 0).fill(value), x.type);
    return emit.once(inverseStdOf(x, epsilon), () => normalize(emit, [x, line(1), line(0)], epsilon).inverseStd);
  },
  gelu: (emit, [x]) => emit.op('Gelu', [x]),
};
