import type { Expr, FunctionBuilder, Local } from './assembler.ts';
import type { Value } from './ir.ts';
import type { Plan } from './plan.ts';

/**
 * The frame of one binding: the addresses of its inputs, outputs and constants (int32 each), then the workspace. Kernels get the frame's
 * address and find everything from there.
 */
export class Addresses {
  private readonly plan: Plan;
  /** Bytes before the workspace. */
  readonly header: number;

  constructor(plan: Plan) {
    this.plan = plan;
    this.header = Math.ceil((4 * (plan.inputs.length + plan.outputs.length + 1)) / 64) * 64;
  }

  get frameBytes(): number {
    return this.header + this.plan.scratchBytes;
  }

  input = (index: number): number => 4 * index;
  output = (index: number): number => 4 * (this.plan.inputs.length + index);
  get constants(): number {
    return 4 * (this.plan.inputs.length + this.plan.outputs.length);
  }

  /** The address of a value's first byte plus `bytes`. */
  of(f: FunctionBuilder, frame: Local, value: Value, bytes = 0): Expr {
    const { m } = f;
    const home = this.plan.homes.get(value);
    if (!home) throw new Error(`a ${value.kind} of ${value.dtype}[${value.shape}] has no home`);
    const slot = (at: number): Expr => m.i32.load(at, 4, f.get(frame));
    const plus = (base: Expr, amount: number): Expr => (amount === 0 ? base : m.i32.add(base, f.i32(amount)));
    switch (home.space) {
      case 'input':
        return plus(slot(this.input(home.index)), bytes);
      case 'output':
        return plus(slot(this.output(home.index)), bytes);
      case 'constant':
        return plus(slot(this.constants), home.offset + bytes);
      case 'scratch':
        return plus(f.get(frame), this.header + home.offset + bytes);
    }
  }
}
