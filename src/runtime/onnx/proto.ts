import { PbfWriter } from 'pbf';
import type { DType } from '../../tensor/dtype.ts';
import type { Shape } from '../../tensor/shape.ts';

/** What ONNX values hold: our dtypes, and the int64 that several ONNX ops want for indices and shapes. */
export type OnnxType = DType | 'int64';

/** An attribute as TypeScript sees it; `float` tells 1.0 from 1. */
export type OnnxAttribute =
  | { readonly int: number }
  | { readonly float: number }
  | { readonly ints: readonly number[] }
  | { readonly string: string };

export interface OnnxNode {
  readonly op: string;
  /** '' is the ONNX standard domain; 'com.microsoft' holds ONNX Runtime's own ops, 'com.microsoft.nchwc' those on blocks of channels. */
  readonly domain: '' | 'com.microsoft' | 'com.microsoft.nchwc';
  /** An empty name skips an optional input. */
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes: Readonly<Record<string, OnnxAttribute>>;
}

export interface OnnxConstant {
  readonly name: string;
  readonly type: OnnxType;
  readonly shape: Shape;
  /** Little-endian numbers, row-major. */
  readonly bytes: Uint8Array;
}

export interface OnnxValue {
  readonly name: string;
  readonly type: OnnxType;
  readonly shape: Shape;
}

export interface OnnxModel {
  readonly nodes: readonly OnnxNode[];
  readonly constants: readonly OnnxConstant[];
  readonly inputs: readonly OnnxValue[];
  readonly outputs: readonly OnnxValue[];
  /** A first output of this name: an empty sequence of tensors. */
  readonly sequence?: string;
}

const irVersion = 10;
/** Opset 21 has every standard op that the lowering uses (Gelu came with 20). */
const opset = 21;

/** TensorProto.DataType. */
const dataType: Record<OnnxType, number> = { float32: 1, uint8: 2, int32: 6, int64: 7, bool: 9, float64: 11 };

/** The model as bytes of a ModelProto. Field numbers are those of onnx.proto3 (github.com/onnx/onnx). */
export function encodeModel(model: OnnxModel): Uint8Array {
  const pbf = new PbfWriter();
  pbf.writeVarintField(1, irVersion);
  pbf.writeStringField(2, 'thalweg');
  pbf.writeMessage(7, writeGraph, model);
  for (const domain of new Set(['', 'com.microsoft', ...model.nodes.map((node) => node.domain)])) {
    pbf.writeMessage(8, writeOpset, { domain, version: domain === '' ? opset : 1 });
  }
  return pbf.finish();
}

function writeOpset({ domain, version }: { domain: string; version: number }, pbf: PbfWriter): void {
  pbf.writeStringField(1, domain);
  pbf.writeVarintField(2, version);
}

function writeGraph({ nodes, constants, inputs, outputs, sequence }: OnnxModel, pbf: PbfWriter): void {
  if (sequence) {
    const node: OnnxNode = { op: 'SequenceEmpty', domain: '', inputs: [], outputs: [sequence], attributes: {} };
    pbf.writeMessage(1, writeNode, node);
  }
  for (const node of nodes) pbf.writeMessage(1, writeNode, node);
  pbf.writeStringField(2, 'thalweg');
  for (const constant of constants) pbf.writeMessage(5, writeConstant, constant);
  for (const input of inputs) pbf.writeMessage(11, writeValue, input);
  if (sequence) pbf.writeMessage(12, writeSequence, sequence);
  for (const output of outputs) pbf.writeMessage(12, writeValue, output);
}

function writeNode({ op, domain, inputs, outputs, attributes }: OnnxNode, pbf: PbfWriter): void {
  for (const name of inputs) pbf.writeStringField(1, name);
  for (const name of outputs) pbf.writeStringField(2, name);
  pbf.writeStringField(3, outputs[0]);
  pbf.writeStringField(4, op);
  for (const [name, attribute] of Object.entries(attributes)) {
    pbf.writeMessage(5, writeAttribute, { name, attribute });
  }
  if (domain) pbf.writeStringField(7, domain);
}

interface Named {
  readonly name: string;
  readonly attribute: OnnxAttribute;
}

/** Field 20 is AttributeProto.AttributeType: FLOAT 1, INT 2, STRING 3, INTS 7. */
function writeAttribute({ name, attribute }: Named, pbf: PbfWriter): void {
  pbf.writeStringField(1, name);
  if ('float' in attribute) {
    pbf.writeFloatField(2, attribute.float);
    pbf.writeVarintField(20, 1);
  } else if ('int' in attribute) {
    pbf.writeVarintField(3, attribute.int);
    pbf.writeVarintField(20, 2);
  } else if ('string' in attribute) {
    pbf.writeBytesField(4, new TextEncoder().encode(attribute.string));
    pbf.writeVarintField(20, 3);
  } else {
    for (const int of attribute.ints) pbf.writeVarintField(8, int);
    pbf.writeVarintField(20, 7);
  }
}

function writeConstant({ name, type, shape, bytes }: OnnxConstant, pbf: PbfWriter): void {
  for (const n of shape) pbf.writeVarintField(1, n);
  pbf.writeVarintField(2, dataType[type]);
  pbf.writeStringField(8, name);
  pbf.writeBytesField(9, bytes);
}

/** ValueInfoProto { name, TypeProto { tensor_type { elem_type, TensorShapeProto } } }. */
function writeValue({ name, type, shape }: OnnxValue, pbf: PbfWriter): void {
  pbf.writeStringField(1, name);
  pbf.writeMessage(2, (_, typeProto) => typeProto.writeMessage(1, writeTensorType, { type, shape }), null);
}

/** ValueInfoProto { name, TypeProto { sequence_type { TypeProto { tensor_type { elem_type } } } } }: field 4 of TypeProto. */
function writeSequence(name: string, pbf: PbfWriter): void {
  pbf.writeStringField(1, name);
  const ofTensors = (_: null, type: PbfWriter) =>
    type.writeMessage(1, (__, tensor) => tensor.writeVarintField(1, dataType.float32), null);
  const sequence = (_: null, type: PbfWriter) => type.writeMessage(1, ofTensors, null);
  pbf.writeMessage(2, (_: null, type) => type.writeMessage(4, sequence, null), null);
}

function writeTensorType({ type, shape }: { type: OnnxType; shape: Shape }, pbf: PbfWriter): void {
  pbf.writeVarintField(1, dataType[type]);
  pbf.writeMessage(2, writeShape, shape);
}

function writeShape(shape: Shape, pbf: PbfWriter): void {
  for (const n of shape) pbf.writeMessage(1, (size: number, dim) => dim.writeVarintField(1, size), n);
}
