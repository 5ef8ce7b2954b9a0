import { receiveMessageOnPort, workerData } from 'node:worker_threads';
import { hostImports } from './host.ts';
import { kernelName } from './kernel.ts';
import { LinearAlgebra } from './linear-algebra.ts';
import { type Job, TaskQueue } from './tasks.ts';
import type { Assignment, Program } from './threads.ts';

// A thread of the wasm engine: takes tasks for ever. It never returns to its event loop, so messages are fetched.

const { memory, queue, port, thread } = workerData as Assignment;
const programs = new Map<number, WebAssembly.Exports>();
/** For all programs: every module of it is the same. */
let algebra: LinearAlgebra | undefined;

/** The exported functions of a program, which was sent before its first job. */
function exportsOf(program: number): WebAssembly.Exports {
  let found = programs.get(program);
  while (!found) {
    const message = receiveMessageOnPort(port);
    if (!message) throw new Error(`program ${program} was not sent`);
    const { id, module, algebra: code } = message.message as Program;
    if (code) algebra ??= new LinearAlgebra(code);
    const host = hostImports(memory, undefined, algebra);
    programs.set(id, new WebAssembly.Instance(module, { host }).exports);
    found = programs.get(program);
  }
  return found;
}

new TaskQueue(queue).serve(({ program, kernel, frame }: Job, from, to) => {
  const compute = exportsOf(program)[kernelName(kernel)] as (...args: number[]) => void;
  compute(frame, from, to, thread);
});
