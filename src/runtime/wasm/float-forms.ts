import type { Expr, FunctionBuilder } from './assembler.ts';
import type { PointwiseOp } from './ir.ts';

type Instructions = FunctionBuilder['m'];
type Floats = Instructions['f32'] | Instructions['f64'] | Instructions['f32x4'] | Instructions['f64x2'];

/** The instruction of an element-wise float op: one number and a vector of lanes have them by the same names. */
export function floatForm(t: Floats, zero: () => Expr, op: PointwiseOp, a: () => Expr, b: () => Expr): Expr {
  switch (op) {
    case 'relu':
      // `max` of vectors takes eight instructions; `pmax` takes one and keeps NaN, for which nothing holds. Adding 0 makes 0 of -0.
      return 'pmax' in t ? t.add(t.pmax(a(), zero()), zero()) : t.max(a(), zero());
    case 'round':
      return t.nearest(a());
    case 'maximum':
      return t.max(a(), b());
    case 'minimum':
      return t.min(a(), b());
    case 'neg':
    case 'abs':
    case 'sqrt':
    case 'floor':
    case 'ceil':
      return t[op](a());
    case 'add':
    case 'sub':
    case 'mul':
    case 'div':
    case 'eq':
    case 'ne':
    case 'lt':
    case 'le':
    case 'gt':
    case 'ge':
      return t[op](a(), b());
    default:
      throw new Error(`no float form of ${op}`);
  }
}
