import { type Shape, sameShape, sizeOf } from '../../tensor/shape.ts';
import { kernelType } from './kernels.ts';
import type { OnnxAttribute, OnnxConstant, OnnxNode, OnnxType } from './proto.ts';

/** A value of the ONNX graph under construction. */
export interface Value {
  readonly name: string;
  readonly type: OnnxType;
  readonly shape: Shape;
}

export interface OpOptions {
  /** Shape of the result; that of the first operand unless said. */
  readonly shape?: Shape;
  /** Element type of the result; that of the operands unless said. */
  readonly type?: OnnxType;
  readonly attributes?: Readonly<Record<string, OnnxAttribute>>;
  readonly domain?: OnnxNode['domain'];
}

/** TensorProto.DataType, as Cast wants it. */
const castCode: Record<OnnxType, number> = { float32: 1, uint8: 2, int32: 6, int64: 7, bool: 9, float64: 11 };

/** Little-endian bytes of numbers (every platform that Node and browsers run on is little-endian). */
function encode(values: readonly number[], type: OnnxType): Uint8Array {
  switch (type) {
    case 'float32':
      return new Uint8Array(Float32Array.from(values).buffer);
    case 'float64':
      return new Uint8Array(Float64Array.from(values).buffer);
    case 'int32':
      return new Uint8Array(Int32Array.from(values).buffer);
    case 'int64':
      return new Uint8Array(BigInt64Array.from(values, BigInt).buffer);
    case 'uint8':
      return Uint8Array.from(values);
    case 'bool':
      return Uint8Array.from(values, (value) => (value === 0 ? 0 : 1));
  }
}

/** Records ONNX nodes and constants; element types without a kernel take a detour through another. */
export class Emitter {
  readonly nodes: OnnxNode[] = [];
  readonly constants: OnnxConstant[] = [];
  /** Channels of a block in ONNX Runtime's blocked layout; null where it has none. */
  readonly block: number | null;
  private readonly known = new Map<string, Value>();
  private named = 0;

  constructor(block: number | null = null) {
    this.block = block;
  }

  fresh(): string {
    return `v${this.named++}`;
  }

  /** Numbers known now. Equal constants are stored once. */
  constant(values: readonly number[], type: OnnxType, shape: Shape = [values.length]): Value {
    const key = `${type}[${shape}]${values.map((value) => (Object.is(value, -0) ? '-0' : value))}`;
    const found = this.known.get(key);
    if (found) return found;
    const value: Value = { name: this.fresh(), type, shape };
    this.constants.push({ ...value, bytes: encode(values, type) });
    this.known.set(key, value);
    return value;
  }

  scalar(value: number, type: OnnxType): Value {
    return this.constant([value], type, []);
  }

  /** Shapes, axes and other integer operands of ONNX ops. */
  integers(values: readonly number[]): Value {
    return this.constant(values, 'int64');
  }

  /**
   * One op on `operands` of one element type, followed by `parameters` that are passed as they are (axes, shapes, indices).
   * Without operands of that type the first one decides.
   */
  op(op: string, operands: readonly Value[], options: OpOptions = {}, parameters: readonly Value[] = []): Value {
    const [{ type: given, shape: first }] = operands;
    const type = kernelType(op, given);
    const inputs = [...operands.map((operand) => this.cast(operand, type)), ...parameters];
    const result = options.type ?? given;
    const made = this.node(op, inputs, { ...options, shape: options.shape ?? first, type: options.type ?? type });
    return this.cast(made, result);
  }

  /** One op exactly as given. */
  node(op: string, inputs: readonly Value[], options: OpOptions & { shape: Shape; type: OnnxType }): Value {
    const value: Value = { name: this.fresh(), type: options.type, shape: options.shape };
    this.nodes.push({
      op,
      domain: options.domain ?? '',
      inputs: inputs.map((input) => input.name),
      outputs: [value.name],
      attributes: options.attributes ?? {},
    });
    return value;
  }

  /** One op with several results of the given shapes. */
  several(
    op: string,
    inputs: readonly Value[],
    results: readonly (readonly [Shape, OnnxType])[],
    attributes: OpOptions['attributes'] = {},
  ): Value[] {
    const values = results.map(([shape, type]): Value => ({ name: this.fresh(), type, shape }));
    this.nodes.push({
      op,
      domain: '',
      inputs: inputs.map((input) => input.name),
      outputs: values.map((value) => value.name),
      attributes,
    });
    return values;
  }

  /** The same computation asked for twice is emitted once. */
  once<T>(key: string, make: () => T): T {
    const found = this.shared.get(key);
    if (found !== undefined) return found as T;
    const made = make();
    this.shared.set(key, made);
    return made;
  }
  private readonly shared = new Map<string, unknown>();

  cast(x: Value, type: OnnxType): Value {
    if (x.type === type) return x;
    return this.once(`cast ${x.name} ${type}`, () =>
      this.node('Cast', [x], { shape: x.shape, type, attributes: { to: { int: castCode[type] } } }),
    );
  }

  reshape(x: Value, shape: Shape): Value {
    return sameShape(x.shape, shape) ? x : this.op('Reshape', [x], { shape }, [this.integers(shape)]);
  }

  transpose(x: Value, permutation: readonly number[]): Value {
    if (permutation.every((axis, i) => axis === i)) return x;
    const shape = permutation.map((axis) => x.shape[axis]);
    return this.op('Transpose', [x], { shape, attributes: { perm: { ints: permutation } } });
  }

  expand(x: Value, shape: Shape): Value {
    return sameShape(x.shape, shape) ? x : this.op('Expand', [x], { shape }, [this.integers(shape)]);
  }

  /** x[starts:limits:steps] on the named axes; limits as ONNX reads them (a negative step may end before 0 at -n - 1). */
  slice(
    x: Value,
    axes: readonly number[],
    starts: readonly number[],
    limits: readonly number[],
    steps: readonly number[],
    shape: Shape,
  ): Value {
    const parameters = [starts, limits, axes, steps].map((values) => this.integers(values));
    return this.op('Slice', [x], { shape }, parameters);
  }

  /** `low` and `high` elements of `value` around each axis; negative numbers crop. */
  pad(x: Value, low: readonly number[], high: readonly number[], value = 0): Value {
    if ([...low, ...high].every((n) => n === 0)) return x;
    const shape = x.shape.map((n, i) => n + low[i] + high[i]);
    return this.op('Pad', [x], { shape }, [this.integers([...low, ...high]), this.scalar(value, x.type)]);
  }

  concat(parts: readonly Value[], axis: number): Value {
    if (parts.length === 1) return parts[0];
    const total = parts.reduce((sum, { shape }) => sum + shape[axis], 0);
    const shape = parts[0].shape.map((n, i) => (i === axis ? total : n));
    return this.op('Concat', parts, { shape, attributes: { axis: { int: axis } } });
  }

  /** A tensor of zeros, stored as one number. */
  zeros(shape: Shape, type: OnnxType): Value {
    return sizeOf(shape) <= 64
      ? this.constant(new Array<number>(sizeOf(shape)).fill(0), type, shape)
      : this.expand(this.scalar(0, type), shape);
  }
}
