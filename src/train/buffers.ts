import type { Allocate, Buffer } from '../runtime/engine.ts';
import type { Runtime } from '../runtime/runtime.ts';
import type { DType } from '../tensor/dtype.ts';
import { formatShape, type Shape, sameShape } from '../tensor/shape.ts';

/** The named tensors of one run, and everything else that was allocated for it. Given back as a whole. */
export class Buffers {
  private readonly runtime: Runtime;
  private readonly named = new Map<string, Buffer>();
  private readonly all: Buffer[] = [];

  constructor(runtime: Runtime) {
    this.runtime = runtime;
  }

  /** Memory without a name (scratch of bound programs). */
  readonly allocate: Allocate = (shape, dtype) => {
    const buffer = this.runtime.engine.allocate(shape, dtype);
    this.all.push(buffer);
    return buffer;
  };

  /** The tensor of this name, made when it is first asked for. */
  get(name: string, shape: Shape, dtype: DType): Buffer {
    const found = this.named.get(name);
    if (!found) {
      const made = this.allocate(shape, dtype);
      this.named.set(name, made);
      return made;
    }
    if (!sameShape(found.shape, shape) || found.dtype !== dtype) {
      throw new Error(
        `'${name}' is ${found.dtype}${formatShape(found.shape)} in this run, and ${dtype}${formatShape(shape)} here`,
      );
    }
    return found;
  }

  find(name: string): Buffer | undefined {
    return this.named.get(name);
  }

  names(): string[] {
    return [...this.named.keys()];
  }

  release(): void {
    for (const buffer of this.all) this.runtime.release(buffer);
    this.all.length = 0;
    this.named.clear();
  }
}
