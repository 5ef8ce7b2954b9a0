import { sizeOf } from '../../tensor/shape.ts';
import { arrange, type Nest } from './arrange.ts';
import { attentionFlops, attentionItems } from './attention.ts';
import { type ConstantValue, define } from './ir.ts';
import {
  type AttentionKernel,
  type DecompositionsKernel,
  type Kernel,
  type LstmKernel,
  type MatmulKernel,
  matricesOf,
  type SpecialKernel,
} from './kernel.ts';
import { kernelGradItems } from './kernel-grad.ts';
import type { LoopKernel, Split } from './loop.ts';
import { blocksOf, lstmFlops } from './lstm.ts';
import { vectorMath } from './scalar.ts';
import { tilingOf } from './tile.ts';

/** Who computes, and what is worth sharing. */
export interface Sharing {
  readonly threads: number;
  /** Nanoseconds that a task should take: a kernel of less than two tasks stays with one thread. */
  readonly taskTime: number;
}

/** Waking a thread takes 5 to 20 microseconds. */
export const defaultTaskTime = 40_000;
const mostTasks = 64;

// Rough times, in nanoseconds: they only decide what is shared, never what is computed.
const flop = 1 / 40;
const operation = 0.05;
const access = 0.15;
const sum = 0.3;
const transcendental = 1;

/**
 * Lets threads share a kernel, where it is large and falls into parts that write apart. No sum is ever cut, so the results are the same
 * to the last bit for every number of threads.
 */
export function divide(kernel: Kernel, sharing: Sharing): Kernel {
  if (sharing.threads < 2) return kernel;
  if (kernel.kind === 'loop') return divideLoop(kernel, sharing);
  if (kernel.kind === 'lstm') return divideLstm(kernel, sharing);
  if (kernel.kind === 'attention') return divideAttention(kernel, sharing);
  if (kernel.kind === 'decompositions') return divideDecompositions(kernel, sharing);
  return kernel.kind === 'matmul' ? divideMatmul(kernel, sharing) : divideSpecial(kernel, sharing);
}

/** How many tasks are worth while; fewer than two mean none. */
function tasksFor(time: number, { taskTime }: Sharing): number {
  return Math.min(mostTasks, Math.floor(time / taskTime));
}

const splitInto = (items: number, tasks: number): Split | null =>
  items < 2 || tasks < 2 ? null : { items, perTask: Math.ceil(items / tasks) };

function divideMatmul(kernel: MatmulKernel, sharing: Sharing): MatmulKernel {
  const tasks = tasksFor(2 * sizeOf(kernel.value.shape) * kernel.tiling.k * flop, sharing);
  const tiling = tilingOf(kernel.value, tasks);
  const split = splitInto(tiling.blocks, tasks);
  return split ? { ...kernel, tiling, split } : kernel;
}

/** Rows of the batch, in few blocks: each goes through all weights in every step. Two for each thread, for one may be kept waiting. */
function divideLstm(kernel: LstmKernel, sharing: Sharing): LstmKernel {
  const { value } = kernel;
  const tasks = Math.min(2 * sharing.threads, tasksFor(lstmFlops(value) * flop, sharing));
  const blocks = blocksOf(value, tasks);
  const split = splitInto(value.lanes * blocks.perLane, tasks);
  return split ? { ...kernel, blocks, split } : kernel;
}

/** Heads. */
function divideAttention(kernel: AttentionKernel, sharing: Sharing): AttentionKernel {
  const { value } = kernel;
  return { ...kernel, split: splitInto(attentionItems(value), tasksFor(attentionFlops(value) * flop, sharing)) };
}

/** Matrices. Tasks are taken from the end: the largest come last, so that nobody waits long for the thread that has one. */
function divideDecompositions(kernel: DecompositionsKernel, sharing: Sharing): DecompositionsKernel {
  const sizes = kernel.values.map((value) => {
    const [m, n] = value.x.shape.slice(-2);
    return { value, count: matricesOf(value), each: m * n * (50 + n / 3) };
  });
  const total = sizes.reduce((sum, { count, each }) => sum + count * each, 0);
  const items = sizes.reduce((sum, { count }) => sum + count, 0);
  const values = sizes.sort((a, b) => a.each - b.each).map(({ value }) => value);
  return { ...kernel, values, split: splitInto(items, tasksFor(total, sharing)) };
}

/** Planes of a pooling, rows of a kernel; indices may be out of bounds, and only one thread can say so. */
function divideSpecial(kernel: SpecialKernel, sharing: Sharing): SpecialKernel {
  const { value } = kernel;
  if (value.kind === 'pool') {
    const time = 4 * access * sizeOf(value.x.shape);
    return { ...kernel, split: splitInto(sizeOf(value.x.shape.slice(0, 2)), tasksFor(time, sharing)) };
  }
  if (value.kind !== 'kernelGrad') return kernel;
  const time = 2 * sizeOf(value.dy.shape) * sizeOf(value.shape.slice(1)) * flop;
  return { ...kernel, split: splitInto(kernelGradItems(value), tasksFor(time, sharing)) };
}

function divideLoop(kernel: LoopKernel, sharing: Sharing): LoopKernel {
  const { steps, loads, stores, results, dims, segments } = kernel;
  const functions = steps.filter(({ value }) => vectorMath.includes(value.op)).length;
  const each =
    operation * steps.length +
    access * (loads.length + stores.length) +
    sum * results.length +
    transcendental * functions;
  const tasks = tasksFor(sizeOf(dims) * each, sharing);
  if (tasks < 2) return kernel;
  const nest = arrange(kernel);
  const [outer] = nest.loops;
  const sums = results.some(({ scope }) => scope === 'fold') && nest.foldFrom === 0;
  if (!outer || sums) return kernel;
  if (segments && outer.segments) return divideSegments(kernel, segments, tasks);
  return { ...kernel, split: splitInto(itemsOf(nest), tasks) };
}

/** What the outermost loop counts: passes of the vector loop, or iterations. */
export function itemsOf({ loops: [outer], vector, unroll }: Nest): number {
  return vector === 0 ? Math.floor(outer.n / (4 * unroll)) : outer.n;
}

/** Pieces of segments begin at multiples of this many elements, so that the vector loop takes the same ones together. */
const grain = 64;

/** A flat tensor of segments is cut evenly: a long segment into pieces, unless it has a sum. */
function divideSegments(kernel: LoopKernel, { values }: ConstantValue, tasks: number): LoopKernel {
  const share = Math.ceil(values.reduce((sum, n) => sum + n, 0) / tasks / grain) * grain;
  const whole = kernel.results.length > 0;
  const pieces: number[] = [];
  // For each task: its first piece, the segment where that begins, its first element.
  const starts: number[][] = [];
  let first = 0;
  let room = 0;
  values.forEach((length, segment) => {
    for (let done = 0; done < length || (length === 0 && done === 0); ) {
      if (room <= 0) {
        starts.push([pieces.length, segment, first]);
        room = share;
      }
      const left = length - done;
      const cut = whole ? left : Math.ceil(room / grain) * grain;
      const taken = Math.min(left, cut);
      pieces.push(taken);
      room -= Math.max(1, taken);
      first += taken;
      done += Math.max(1, taken);
    }
  });
  if (starts.length < 2) return kernel;
  const table = [...starts, [pieces.length, values.length, first]].flat();
  return {
    ...kernel,
    segments: int32(pieces),
    tasks: int32(table),
    split: { items: starts.length, perTask: 1 },
  };
}

const int32 = (values: readonly number[]): ConstantValue =>
  define({ kind: 'constant', values, shape: [values.length], dtype: 'int32' }).value as ConstantValue;
