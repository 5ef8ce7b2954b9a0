import type { OnnxType } from './proto.ts';

/**
 * Where ONNX Runtime's CPU provider (1.30) has no kernel for an element type: the type to compute in instead. Found by making a session
 * for every op and type. Float64 detours through float32 lose digits: such a result is right to float32 accuracy only.
 */
const detours: Readonly<Record<string, Partial<Record<OnnxType, OnnxType>>>> = {
  Neg: { uint8: 'int32' },
  Erf: { float64: 'float32' },
  Gelu: { float64: 'float32' },
  ReduceSum: { uint8: 'int32' },
  ReduceMax: { bool: 'uint8' },
  ReduceMin: { bool: 'uint8' },
  ArgMax: { bool: 'uint8' },
  Less: { bool: 'uint8' },
  LessOrEqual: { bool: 'uint8' },
  Greater: { bool: 'uint8' },
  GreaterOrEqual: { bool: 'uint8' },
  Conv: { float64: 'float32' },
  ConvTranspose: { float64: 'float32' },
};

/** The type in which ONNX Runtime computes an op on operands of `type`. */
export const kernelType = (op: string, type: OnnxType): OnnxType => detours[op]?.[type] ?? type;
