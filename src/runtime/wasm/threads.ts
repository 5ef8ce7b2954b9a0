import type { MessagePort, Worker } from 'node:worker_threads';
import type { Job, Perform } from './tasks.ts';
import { TaskQueue } from './tasks.ts';

/** A compiled module as threads know it. */
export interface Program {
  readonly id: number;
  readonly module: WebAssembly.Module;
  /** What its decompositions compute with: each thread has an instance, with a memory of its own. */
  readonly algebra: WebAssembly.Module | undefined;
}

/** What a thread is given at its start. */
export interface Assignment {
  readonly memory: WebAssembly.Memory;
  readonly queue: SharedArrayBuffer;
  /** Programs arrive here. */
  readonly port: MessagePort;
  /** 1, 2, ...: the thread that calls is 0. */
  readonly thread: number;
}

/** Where there are threads that can share memory and wait for each other: in Node. */
const workerThreads = () => globalThis.process?.getBuiltinModule?.('node:worker_threads');
export const hasThreads = (): boolean => workerThreads() !== undefined;

/** Threads end with the object that they work for. */
const abandoned = new FinalizationRegistry((workers: readonly Worker[]) => {
  for (const worker of workers) void worker.terminate();
});

/** The threads of one heap. They sleep between jobs, do not keep the process alive, and end when nobody holds this object. */
export class Threads {
  private readonly queue = new TaskQueue();
  private readonly ports: readonly MessagePort[];
  private programs = 0;

  /** Starts `count` threads beside the one that calls. */
  constructor(memory: WebAssembly.Memory, count: number) {
    const threads = workerThreads();
    if (!threads) throw new Error('no threads here');
    const file = new URL(`./worker${import.meta.url.endsWith('.ts') ? '.ts' : '.js'}`, import.meta.url);
    const started = Array.from({ length: count }, (_, i) => {
      const { port1, port2 } = new threads.MessageChannel();
      const workerData: Assignment = { memory, queue: this.queue.memory, port: port2, thread: i + 1 };
      const worker = new threads.Worker(file, { workerData, transferList: [port2], execArgv: [] });
      worker.unref();
      return { worker, port: port1 };
    });
    this.ports = started.map(({ port }) => port);
    abandoned.register(
      this,
      started.map(({ worker }) => worker),
    );
  }

  /** Makes a module known; returns its number. */
  add(module: WebAssembly.Module, algebra?: WebAssembly.Module): number {
    const program: Program = { id: this.programs++, module, algebra };
    for (const port of this.ports) port.postMessage(program);
    return program.id;
  }

  /** Has a kernel computed by all threads. */
  run(job: Job, perform: Perform): void {
    this.queue.run(job, perform);
  }
}
