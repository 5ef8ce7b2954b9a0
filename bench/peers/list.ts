import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { PeerSpec } from '../peer.ts';

const here = import.meta.dirname;

/** Where a step, or compiling it, takes so long that a run of two minutes has no time for it. */
const slow: Readonly<Record<string, readonly string[]>> = {
  'jax-js': ['resnet8', 'lstm'],
  'tfjs-wasm': ['resnet8'],
  'tfjs-cpu': ['mlp-784', 'mlp-1024', 'lenet', 'resnet8', 'lstm', 'gpt', 'hvp', 'per-example', 'update-adamw-3e7'],
};

const typescript = (id: string, family: PeerSpec['family'], env?: PeerSpec['env']): PeerSpec => ({
  id,
  family,
  command: process.execPath,
  args: ['--conditions=thalweg-source', '--no-warnings', join(here, '..', 'serve.ts'), id.replace('-one-thread', '')],
  env,
  slowOn: slow[id],
});

/** The interpreter of the virtual environment that `npm run bench:setup` makes, or another one that has the libraries. */
export const pythonPath = (): string | undefined => {
  const given = process.env.BENCH_PYTHON;
  if (given) return given;
  const folder = join(here, '..', '.venv');
  const own = process.platform === 'win32' ? join(folder, 'Scripts', 'python.exe') : join(folder, 'bin', 'python');
  return existsSync(own) ? own : undefined;
};

const python = (command: string, id: string): PeerSpec => ({
  id,
  family: 'python',
  command,
  args: [join(here, 'python', 'serve.py'), id],
});

/** Everyone who takes part on this machine, Thalweg first. */
export function peerList(): PeerSpec[] {
  const interpreter = pythonPath();
  return [
    typescript('thalweg', 'thalweg'),
    typescript('jax-js', 'javascript'),
    typescript('tfjs-wasm', 'javascript'),
    typescript('tfjs-cpu', 'javascript'),
    typescript('loop', 'javascript'),
    ...(interpreter ? ['torch', 'torch-fused', 'jax', 'numpy'].map((id) => python(interpreter, id)) : []),
  ];
}

/** For what is stated per thread. */
export const oneThread = typescript('thalweg-one-thread', 'thalweg', { BENCH_THREADS: '1' });
