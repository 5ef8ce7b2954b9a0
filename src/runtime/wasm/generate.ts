import { Addresses } from './addresses.ts';
import { type Api, type Expr, ModuleBuilder, type Range } from './assembler.ts';
import { type Kernel, kernelName, matricesOf, ownBytes, type SpecialKernel, type WorkspaceKernel } from './kernel.ts';
import type { Plan } from './plan.ts';
import { AttentionWriter } from './write-attention.ts';
import { type Site, writeArgmax, writeDecomposition, writeGather, writeScatter } from './write-indexed.ts';
import { KernelGradWriter } from './write-kernel-grad.ts';
import { LoopWriter } from './write-loop.ts';
import { LstmWriter } from './write-lstm.ts';
import { MatmulWriter } from './write-matmul.ts';
import { PoolWriter } from './write-pool.ts';

/** What the machine offers: fused multiply-add, and whether the memory is shared by threads. */
export interface Features {
  readonly madd: boolean;
  readonly shared: boolean;
}

/**
 * A planned graph as a WebAssembly module: one function for each kernel, and `run(frame)`, which calls them in order. Kernels that
 * threads share are exported as functions of (frame, from, to, thread); `run` leaves them to the host's `share(kernel, frame)`.
 */
export function generate(api: Api, plan: Plan, features: Features): Uint8Array<ArrayBuffer> {
  const module = new ModuleBuilder(api, features);
  const addresses = new Addresses(plan);
  const { i32, none } = api;
  plan.kernels.forEach((kernel, i) => {
    if (!kernel.split) {
      module.define(kernelName(i), [i32], none, (f, frame) => {
        writeKernel({ f, addresses, frame }, kernel, plan, null, f.i32(0));
      });
      return;
    }
    module.define(kernelName(i), [i32, i32, i32, i32], none, (f, frame, from, to, thread) => {
      writeKernel({ f, addresses, frame }, kernel, plan, { from, to }, f.get(thread));
    });
    module.m.addFunctionExport(kernelName(i), kernelName(i));
  });
  module.define('run', [i32], none, (f, frame) => {
    plan.kernels.forEach(({ split }, i) => {
      const shared = () => module.host('share', [i32, i32], none, [f.i32(i), f.get(frame)]);
      f.emit(split ? shared() : module.m.call(kernelName(i), [f.get(frame)], none));
    });
  });
  module.m.addFunctionExport('run', 'run');
  const binary = module.m.emitBinary();
  module.m.dispose();
  return new Uint8Array(binary);
}

function writeKernel(site: Site, kernel: Kernel, plan: Plan, range: Range | null, thread: Expr): void {
  const { f, addresses, frame } = site;
  if (kernel.kind === 'loop') new LoopWriter(f, kernel, addresses, frame, range).write();
  else if (kernel.kind === 'matmul') {
    new MatmulWriter(f, kernel.value, kernel.tiling, addresses, frame, own(site, kernel, plan, thread)).write(range);
  } else if (kernel.kind === 'lstm') new LstmWriter(site, kernel, own(site, kernel, plan, thread)).write(range);
  else if (kernel.kind === 'attention') {
    new AttentionWriter(site, kernel.value, own(site, kernel, plan, thread)).write(range);
  } else if (kernel.kind === 'decompositions') {
    let before = 0;
    for (const value of kernel.values) {
      writeDecomposition(site, value, before, range);
      before += matricesOf(value);
    }
  } else writeSpecial(site, kernel, range);
}

/** The memory that a thread has for a kernel. */
function own({ f, addresses, frame }: Site, kernel: WorkspaceKernel, plan: Plan, thread: Expr): Expr {
  const { i32 } = f.m;
  const first = i32.add(f.get(frame), f.i32(addresses.header + (plan.own.get(kernel.value) ?? 0)));
  return i32.add(first, i32.mul(thread, f.i32(ownBytes(kernel))));
}

function writeSpecial(site: Site, { value }: SpecialKernel, range: Range | null): void {
  if (value.kind === 'gather') writeGather(site, value);
  else if (value.kind === 'scatter') writeScatter(site, value);
  else if (value.kind === 'argmax') writeArgmax(site, value);
  else if (value.kind === 'kernelGrad') new KernelGradWriter(site, value).write(range);
  else if (value.kind === 'pool') new PoolWriter(site, value).write(range);
  else throw new Error(`a ${value.kind} is no kernel`);
}
