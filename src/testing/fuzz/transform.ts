import type { DType } from '../../tensor/dtype.ts';
import { isFloat } from '../../tensor/dtype.ts';
import { concat, parameter } from '../../tensor/functions.ts';
import { substitute } from '../../tensor/graph.ts';
import { scalar, type Tensor } from '../../tensor/tensor.ts';
import { grad, hvp, jvp, vjp, vmap } from '../../tensor/transforms.ts';
import type { Dice } from './dice.ts';
import { type Leaf, leavesOf, type Numbers, type Program } from './program.ts';

/** Makes a program of another; the results stay programs, so that transforms follow each other in any order. */
type Transform = (program: Program, dice: Dice) => Program;

/** The program as a function of some of its leaves. */
const asFunction =
  (outputs: readonly Tensor[], leaves: readonly Tensor[]) =>
  (given: readonly Tensor[]): Tensor[] =>
    substitute(outputs, new Map(leaves.map((leaf, i) => [leaf, given[i]])));

const floatsOf = (tensors: readonly Tensor[]): Tensor[] => tensors.filter(({ dtype }) => isFloat(dtype));
const parametersOf = ({ outputs }: Program): Tensor<'parameter'>[] =>
  leavesOf(outputs).filter((leaf) => leaf.op === 'parameter') as Tensor<'parameter'>[];

/** New parameters like some tensors, with their numbers. */
class Fresh {
  readonly values: Map<Leaf, Numbers>;
  private readonly dice: Dice;

  constructor(program: Program, dice: Dice) {
    this.values = new Map(program.values);
    this.dice = dice;
  }

  like({ shape, dtype }: { shape: readonly number[]; dtype: DType }): Tensor<'parameter'> {
    const leaf = parameter(`x${this.values.size}`, shape, dtype);
    this.values.set(
      leaf,
      Array.from({ length: leaf.size }, () => Math.fround(this.dice.between(-1, 1))),
    );
    return leaf;
  }

  program(outputs: readonly Tensor[], equal: Program['equal'] = []): Program {
    const values = new Map(leavesOf(outputs).map((leaf) => [leaf, this.values.get(leaf) as Numbers]));
    return { outputs, values, over: new Map(), equal };
  }
}

/** A scalar that every float output takes part in, and not all of its elements alike. */
function lossOf(outputs: readonly Tensor[]): Tensor {
  return floatsOf(outputs)
    .map((y) => {
      const x = y.cast('float32');
      return x.mul(x.sin().stopGradient().add(0.5)).sum();
    })
    .reduce((sum, term) => sum.add(term), scalar(0));
}

/** What to differentiate in. */
const variablesOf = (program: Program): Tensor<'parameter'>[] =>
  floatsOf(parametersOf(program)) as Tensor<'parameter'>[];

function withCotangents(
  program: Program,
  fresh: Fresh,
): { variables: Tensor[]; cotangents: Tensor[]; pulled: Tensor[] } {
  const variables = variablesOf(program);
  const outputs = floatsOf(program.outputs);
  const [, pullback] = vjp(asFunction(outputs, variables), variables);
  const cotangents = outputs.map((y) => fresh.like(y));
  return { variables, cotangents, pulled: pullback(cotangents)[0] as Tensor[] };
}

function withTangents(
  program: Program,
  variables: readonly Tensor[],
  fresh: Fresh,
): { tangents: Tensor[]; pushed: Tensor[] } {
  const outputs = floatsOf(program.outputs);
  const tangents = variables.map((x) => fresh.like(x));
  return { tangents, pushed: jvp(asFunction(outputs, variables), [variables], [tangents])[1] };
}

const inner = (a: readonly Tensor[], b: readonly Tensor[]): Tensor =>
  a
    .map((x, i) => x.cast('float64').mul(b[i].cast('float64')).sum())
    .reduce((sum, x) => sum.add(x), scalar(0, 'float64'));

/** Every parameter gets a new axis somewhere, or stays as it is; at least one gets it. */
function mapped(
  program: Program,
  dice: Dice,
): { f: (...args: Tensor[]) => Tensor[]; args: Tensor[]; axes: (number | null)[]; values: Map<Leaf, Numbers> } | null {
  const parameters = parametersOf(program);
  if (parameters.length === 0) return null;
  const values = new Map(program.values);
  const size = dice.int(1, 4);
  const sure = dice.int(0, parameters.length - 1);
  const axes = parameters.map(({ rank }, i) => (i === sure || dice.chance(0.6) ? dice.int(0, rank) : null));
  const args = parameters.map((one, i) => {
    const axis = axes[i];
    if (axis === null) return one;
    const all = parameter(
      `${one.attrs.name}s`,
      [...one.shape.slice(0, axis), size, ...one.shape.slice(axis)],
      one.dtype,
    );
    // Numbers of the one in another order: legal as indices, positive where they were, different in every lane.
    const numbers = values.get(one) as Numbers;
    values.set(
      all,
      Array.from({ length: all.size }, () => numbers[dice.int(0, numbers.length - 1)]),
    );
    return all;
  });
  const f = (...given: Tensor[]): Tensor[] => asFunction(program.outputs, parameters)(given);
  return { f, args, axes, values };
}

const unchanged = (program: Program): Program => program;

export const transforms = {
  /** The gradient of a loss of the outputs. */
  grad: (program, dice) => {
    const variables = variablesOf(program);
    if (variables.length === 0) return unchanged(program);
    const found = grad((given: Tensor[]) => lossOf(asFunction(program.outputs, variables)(given)))(variables);
    return new Fresh(program, dice).program(found);
  },

  vjp: (program, dice) => {
    const fresh = new Fresh(program, dice);
    return variablesOf(program).length === 0
      ? unchanged(program)
      : fresh.program(withCotangents(program, fresh).pulled);
  },

  jvp: (program, dice) => {
    const fresh = new Fresh(program, dice);
    const variables = variablesOf(program);
    return variables.length === 0 ? unchanged(program) : fresh.program(withTangents(program, variables, fresh).pushed);
  },

  hvp: (program, dice) => {
    const variables = variablesOf(program);
    if (variables.length === 0) return unchanged(program);
    const fresh = new Fresh(program, dice);
    const loss = (given: Tensor[]): Tensor => lossOf(asFunction(program.outputs, variables)(given));
    return fresh.program(hvp(loss, [variables], [variables.map((x) => fresh.like(x))])[0]);
  },

  vmap: (program, dice) => {
    const found = mapped(program, dice);
    if (!found) return unchanged(program);
    const outputs = vmap(found.f, found.axes)(...found.args);
    return { ...plainOf(outputs, found.values) };
  },

  /** A training step: each variable moves against its gradient with momentum; both are to be written over what they were. */
  step: (program, dice) => {
    const variables = variablesOf(program);
    if (variables.length === 0) return unchanged(program);
    const fresh = new Fresh(program, dice);
    const gradient = grad((given: Tensor[]) => lossOf(asFunction(program.outputs, variables)(given)))(variables);
    const moments = variables.map((x) => fresh.like(x));
    const nextMoments = moments.map((m, i) => m.mul(0.9).add(gradient[i]));
    const next = variables.map((x, i) => x.sub(nextMoments[i].mul(0.1)));
    return fresh.program([...next, ...nextMoments]);
  },

  /** Both modes of differentiation give the same bilinear form: <pullback(c), t> = <c, pushforward(t)>. */
  dual: (program, dice) => {
    const fresh = new Fresh(program, dice);
    if (variablesOf(program).length === 0) return unchanged(program);
    const { variables, cotangents, pulled } = withCotangents(program, fresh);
    const { tangents, pushed } = withTangents(program, variables, fresh);
    const [left, right] = [inner(pulled, tangents), inner(cotangents, pushed)];
    return fresh.program([left, right], [[left, right]]);
  },

  /** vmap is the function on every slice. */
  lanes: (program, dice) => {
    const found = mapped(program, dice);
    if (!found) return unchanged(program);
    const { f, args, axes, values } = found;
    const all = vmap(f, axes)(...args);
    const size = all[0].shape[0];
    const each = Array.from({ length: size }, (_, lane) =>
      f(...args.map((x, i) => (axes[i] === null ? x : x.at(axes[i], lane)))),
    );
    const joined = all.map((_, j) => concat(each.map((lane) => lane[j].expandDims(0))));
    return { ...plainOf([...all, ...joined], values), equal: all.map((y, j) => [y, joined[j]] as const) };
  },
} satisfies Record<string, Transform>;

export type TransformName = keyof typeof transforms;

function plainOf(outputs: readonly Tensor[], values: ReadonlyMap<Leaf, Numbers>): Program {
  const kept = new Map(leavesOf(outputs).map((leaf) => [leaf, values.get(leaf) as Numbers]));
  return { outputs, values: kept, over: new Map(), equal: [] };
}
