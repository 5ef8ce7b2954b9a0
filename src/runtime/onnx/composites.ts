import type { CompositeName } from '../../tensor/attrs.ts';
import { unsignedIndices } from './indexing.ts';
import type { Lowerings } from './lowering.ts';

const lastAxis = { axis: { int: -1 } };

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
  layerNorm: (emit, [x, gain, bias], { epsilon }) =>
    emit.op('LayerNormalization', [x, gain, bias], {
      shape: x.shape,
      attributes: { ...lastAxis, epsilon: { float: epsilon } },
    }),
  gelu: (emit, [x]) => emit.op('Gelu', [x]),
};
