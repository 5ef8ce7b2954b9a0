/** Names of peers as they fit beside a bar; their whole names, with versions, stand under the machine. */
const names: Readonly<Record<string, string>> = {
  thalweg: 'Thalweg',
  'thalweg-one-thread': '... one thread',
  'jax-js': 'jax-js',
  'tfjs-wasm': 'TF.js wasm',
  'tfjs-cpu': 'TF.js plain',
  loop: 'plain loop',
  torch: 'PyTorch',
  'torch-fused': 'PyTorch fused',
  jax: 'JAX',
  numpy: 'NumPy',
};

export const shortName = (peer: string): string => names[peer] ?? peer;
