/** (func (param v128) (result v128) (f32x4.relaxed_madd (local.get 0) (local.get 0) (local.get 0))) */
const madd = [
  [0, 97, 115, 109, 1, 0, 0, 0], // magic, version
  [1, 6, 1, 96, 1, 123, 1, 123], // type: v128 -> v128
  [3, 2, 1, 0], // one function
  [10, 13, 1, 11, 0, 32, 0, 32, 0, 32, 0, 253, 133, 2, 11], // its code
];

/** Does this machine's WebAssembly have fused multiply-add (relaxed SIMD)? Node 22 and later do. */
export const hasMadd: boolean = WebAssembly.validate(Uint8Array.from(madd.flat()));
