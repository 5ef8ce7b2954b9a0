import { InferenceSession, Tensor } from 'onnxruntime-node';
import { expect, it } from 'vitest';
import { encodeModel, type OnnxModel } from './proto.ts';

const bytes = (numbers: readonly number[]): Uint8Array => new Uint8Array(Float32Array.from(numbers).buffer);

/** Uses each kind of attribute, an optional input left out, a constant, and an op of each domain. */
const model: OnnxModel = {
  nodes: [
    { op: 'Transpose', domain: '', inputs: ['x'], outputs: ['t'], attributes: { perm: { ints: [1, 0] } } },
    { op: 'LeakyRelu', domain: '', inputs: ['t'], outputs: ['l'], attributes: { alpha: { float: 0.5 } } },
    { op: 'Clip', domain: '', inputs: ['l', '', 'top'], outputs: ['c'], attributes: {} },
    { op: 'Gelu', domain: '', inputs: ['c'], outputs: ['unused'], attributes: { approximate: { string: 'tanh' } } },
    {
      op: 'FusedMatMul',
      domain: 'com.microsoft',
      inputs: ['c', 'c'],
      outputs: ['y'],
      attributes: { transB: { int: 1 } },
    },
  ],
  constants: [{ name: 'top', type: 'float32', shape: [], bytes: bytes([3]) }],
  inputs: [{ name: 'x', type: 'float32', shape: [2, 3] }],
  outputs: [{ name: 'y', type: 'float32', shape: [3, 3] }],
};

it('writes models that ONNX Runtime reads as meant', async () => {
  const session = await InferenceSession.create(encodeModel(model), { logSeverityLevel: 3 });
  expect(session.inputMetadata).toMatchObject([{ name: 'x', type: 'float32', shape: [2, 3] }]);
  expect(session.outputMetadata).toMatchObject([{ name: 'y', type: 'float32', shape: [3, 3] }]);
  const x = new Tensor('float32', [1, 2, -2, 4, 5, 0], [2, 3]);
  const { y } = await session.run({ x });
  // transposed [[1,4],[2,5],[-2,0]] -> leaky [[1,4],[2,5],[-1,0]] -> at most 3 [[1,3],[2,3],[-1,0]] -> times itself transposed
  expect(Array.from(y.data as Float32Array)).toEqual([10, 11, -1, 11, 13, -2, -1, -2, 1]);
});
