import { concat, zeros } from './functions.ts';
import type { Shape } from './shape.ts';
import type { Tensor } from './tensor.ts';

// The op `lstm` unrolled, and its derivatives in terms of other ops. All steps of a quantity lie under one another: [..., T * N, width].
// Then a step is a run of rows, what does not depend on the next step is computed for all steps at once, and the gradient of the hidden
// weights is one product instead of T small ones.

/** The quantities of one step, each [..., N, hidden]: activated gates, cell, tanh(cell), hidden state. */
interface Step {
  readonly i: Tensor;
  readonly f: Tensor;
  readonly g: Tensor;
  readonly o: Tensor;
  readonly c: Tensor;
  readonly tanhC: Tensor;
  readonly h: Tensor;
}

const joined = (parts: readonly Tensor[]): Tensor => concat(parts, -2);

/** [..., T, N, width] -> T times [..., N, width]. */
function perStep(x: Tensor): Tensor[] {
  const [steps, n, width] = x.shape.slice(-3);
  const rows = x.reshape([...x.shape.slice(0, -3), steps * n, width]);
  return Array.from({ length: steps }, (_, t) => rows.sliceAxis(-2, t * n, (t + 1) * n));
}

function unroll(ofInput: Tensor, weight: Tensor): Step[] {
  const done: Step[] = [];
  for (const fromInput of perStep(ofInput)) {
    const last = done.at(-1);
    const gates = last ? last.h.matmul(weight, { transposeB: true }).add(fromInput) : fromInput;
    const [zi, zf, zg, zo] = gates.split(4, -1);
    const [i, f, g, o] = [zi.sigmoid(), zf.sigmoid(), zg.tanh(), zo.sigmoid()];
    const added = i.mul(g);
    const c = last ? f.mul(last.c).add(added) : added;
    const tanhC = c.tanh();
    done.push({ i, f, g, o, c, tanhC, h: o.mul(tanhC) });
  }
  return done;
}

const outputShape = (ofInput: Tensor, weight: Tensor): Shape => [
  ...ofInput.shape.slice(0, -1),
  weight.shape.at(-1) ?? 0,
];

export const expandLstm = (ofInput: Tensor, weight: Tensor): Tensor =>
  joined(unroll(ofInput, weight).map(({ h }) => h)).reshape(outputShape(ofInput, weight));

const oneMinus = (x: Tensor): Tensor => x.neg().add(1);
/** The derivatives of sigmoid and tanh by their values. */
const sigmoidSlope = (y: Tensor): Tensor => y.mul(oneMinus(y));
const tanhSlope = (y: Tensor): Tensor => oneMinus(y.square());

/**
 * The cotangents of the gates before activation, [..., T * N, 4 hidden], and the hidden states that each step began with,
 * [..., T * N, hidden]: from these follow both cotangents of the op.
 */
export function lstmCotangents(ofInput: Tensor, weight: Tensor, dy: Tensor): { gates: Tensor; before: Tensor } {
  const steps = unroll(ofInput, weight);
  const all = (of: (step: Step) => Tensor): Tensor => joined(steps.map(of));
  const nothing = zeros(steps[0].h.shape, dy.dtype);
  const before = (of: (step: Step) => Tensor): Tensor => joined([nothing, ...steps.slice(0, -1).map(of)]);
  const [i, f, g, o, tanhC] = [all((s) => s.i), all((s) => s.f), all((s) => s.g), all((s) => s.o), all((s) => s.tanhC)];

  // dz = (dc, dc, dc, dh) * slopes and dc = dh * throughH + what comes back from the next step.
  const ofI = g.mul(sigmoidSlope(i));
  const ofF = before((s) => s.c).mul(sigmoidSlope(f));
  const ofG = i.mul(tanhSlope(g));
  const ofO = tanhC.mul(sigmoidSlope(o));
  const stacked = (x: Tensor): Tensor => x.reshape([...ofInput.shape.slice(0, -1), x.shape[x.rank - 1]]);
  const slopes = perStep(stacked(concat([ofI, ofF, ofG, ofO], -1)));
  const throughH = perStep(stacked(o.mul(tanhSlope(tanhC))));

  const gates: Tensor[] = [];
  let next: { dz: Tensor; dc: Tensor } | undefined;
  for (const [t, wanted] of [...perStep(dy).entries()].reverse()) {
    const dh: Tensor = next ? next.dz.matmul(weight).add(wanted) : wanted;
    const direct = dh.mul(throughH[t]);
    const dc: Tensor = next ? next.dc.mul(steps[t + 1].f).add(direct) : direct;
    const dz = concat([dc, dc, dc, dh], -1).mul(slopes[t]);
    gates.unshift(dz);
    next = { dz, dc };
  }
  return { gates: joined(gates), before: before((s) => s.h) };
}

/** How the hidden states move when the gates' inputs and the weights do; null: they do not. */
export function lstmTangent(ofInput: Tensor, weight: Tensor, dInput: Tensor | null, dWeight: Tensor | null): Tensor {
  const moves = dInput && perStep(dInput);
  const tangents: Tensor[] = [];
  const steps = unroll(ofInput, weight);
  let last: { dh: Tensor; dc: Tensor } | undefined;
  for (const [t, { i, f, g, o, tanhC }] of steps.entries()) {
    const before = steps[t - 1];
    let dz = moves?.[t] ?? zeros([...i.shape.slice(0, -1), 4 * i.shape[i.rank - 1]], i.dtype);
    if (last) dz = last.dh.matmul(weight, { transposeB: true }).add(dz);
    if (before && dWeight) dz = before.h.matmul(dWeight, { transposeB: true }).add(dz);
    const [zi, zf, zg, zo] = dz.split(4, -1);
    let dc = zi
      .mul(sigmoidSlope(i))
      .mul(g)
      .add(zg.mul(tanhSlope(g)).mul(i));
    if (before && last) dc = dc.add(zf.mul(sigmoidSlope(f)).mul(before.c)).add(last.dc.mul(f));
    const dh = zo
      .mul(sigmoidSlope(o))
      .mul(tanhC)
      .add(dc.mul(tanhSlope(tanhC)).mul(o));
    tangents.push(dh);
    last = { dh, dc };
  }
  return joined(tangents).reshape(outputShape(ofInput, weight));
}
