import { Addresses } from './addresses.ts';
import { type Api, ModuleBuilder } from './assembler.ts';
import type { Value } from './ir.ts';
import type { Kernel } from './kernel.ts';
import type { Plan } from './plan.ts';
import { type Site, writeArgmax, writeEigh, writeGather, writeScatter } from './write-indexed.ts';
import { LoopWriter } from './write-loop.ts';
import { MatmulWriter } from './write-matmul.ts';
import { writePool } from './write-pool.ts';

/** A planned graph as a WebAssembly module: one function for each kernel, and `run(frame)`, which calls them in order. */
export function generate(api: Api, plan: Plan): Uint8Array<ArrayBuffer> {
  const module = new ModuleBuilder(api);
  const addresses = new Addresses(plan);
  plan.kernels.forEach((kernel, i) => {
    module.define(`kernel${i}`, [api.i32], api.none, (f, frame) => {
      writeKernel({ f, addresses, frame }, kernel, plan);
    });
  });
  module.define('run', [api.i32], api.none, (f, frame) => {
    plan.kernels.forEach((_, i) => {
      f.emit(module.m.call(`kernel${i}`, [f.get(frame)], api.none));
    });
  });
  module.m.addFunctionExport('run', 'run');
  const binary = module.m.emitBinary();
  module.m.dispose();
  return new Uint8Array(binary);
}

function writeKernel(site: Site, kernel: Kernel, plan: Plan): void {
  const { f, addresses, frame } = site;
  if (kernel.kind === 'loop') new LoopWriter(f, kernel, addresses, frame).write();
  else writeSpecial(site, kernel.value, plan.panels.get(kernel.value) ?? 0);
}

function writeSpecial(site: Site, value: Value, panel: number): void {
  const { f, addresses, frame } = site;
  if (value.kind === 'matmul') {
    const at = f.m.i32.add(f.get(frame), f.i32(addresses.header + panel));
    new MatmulWriter(f, value, addresses, frame, at).write();
  } else if (value.kind === 'gather') writeGather(site, value);
  else if (value.kind === 'scatter') writeScatter(site, value);
  else if (value.kind === 'argmax') writeArgmax(site, value);
  else if (value.kind === 'pool') writePool(site, value);
  else if (value.kind === 'eigh') writeEigh(site, value);
  else throw new Error(`a ${value.kind} is no kernel`);
}
