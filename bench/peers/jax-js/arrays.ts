import { numpy as np } from '@jax-js/jax';
import type { Workload } from '../peer.ts';

export type JaxArray = np.Array;
export type Arrays = { [name: string]: JaxArray };

const inputs = new Set(['x', 'labels', 'tokens']);

/** The parameters of a model: every tensor that is neither an input nor (under `v.`) a direction. */
export function parameters({ tensors }: Workload): Arrays {
  return pick(tensors, (name) => !inputs.has(name) && !name.startsWith('v.'));
}

/** The tensors whose names begin with `prefix`, under what follows it. */
export function tensorsUnder({ tensors }: Workload, prefix: string): Arrays {
  const found = pick(tensors, (name) => name.startsWith(prefix));
  return Object.fromEntries(Object.entries(found).map(([name, array]) => [name.slice(prefix.length), array]));
}

/** One tensor of the workload. */
export function tensor({ tensors }: Workload, name: string): JaxArray {
  const { shape, data } = tensors[name];
  return np.array(data, { shape: [...shape] });
}

/** The sum of `x * y` over all their elements, added up in float64. */
export async function inner(x: Arrays, y: Arrays): Promise<number> {
  let sum = 0;
  for (const name of Object.keys(x)) {
    const [a, b] = [await x[name].ref.data(), await y[name].ref.data()];
    for (let i = 0; i < a.length; i++) sum += a[i] * b[i];
  }
  return sum;
}

function pick(tensors: Workload['tensors'], wanted: (name: string) => boolean): Arrays {
  const names = Object.keys(tensors).filter(wanted);
  return Object.fromEntries(names.map((name) => [name, tensor({ tensors } as Workload, name)]));
}
