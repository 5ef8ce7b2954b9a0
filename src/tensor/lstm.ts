import { concat, zeros } from './functions.ts';
import type { Shape } from './shape.ts';
import type { Tensor } from './tensor.ts';

// The ops `lstm`, `lstmTrace` and `lstmBackward` in terms of other ops. All steps of a quantity lie under one another: [..., T * N, width].
// Then a step is a run of rows, and what does not depend on the next step is computed for all steps at once.

/** The quantities of one step, each [..., N, hidden], in the order of a trace: activated gates, cell, hidden state. */
interface Step {
  readonly i: Tensor;
  readonly f: Tensor;
  readonly g: Tensor;
  readonly o: Tensor;
  readonly c: Tensor;
  readonly h: Tensor;
}
const order = ['i', 'f', 'g', 'o', 'c', 'h'] as const;

const joined = (parts: readonly Tensor[]): Tensor => concat(parts, -2);

/** [..., T * N, width] -> T times [..., N, width]. */
const perStep = (rows: Tensor, steps: number): Tensor[] => rows.split(steps, -2);

/** [..., T, N, width] -> [..., T * N, width]. */
export function stepsAsRows(x: Tensor): Tensor {
  const [steps, n, width] = x.shape.slice(-3);
  return x.reshape([...x.shape.slice(0, -3), steps * n, width]);
}

function unroll(ofInput: Tensor, weight: Tensor): Step[] {
  const done: Step[] = [];
  for (const fromInput of perStep(stepsAsRows(ofInput), ofInput.shape[ofInput.rank - 3])) {
    const last = done.at(-1);
    const gates = last ? last.h.matmul(weight, { transposeB: true }).add(fromInput) : fromInput;
    const [zi, zf, zg, zo] = gates.split(4, -1);
    const [i, f, g, o] = [zi.sigmoid(), zf.sigmoid(), zg.tanh(), zo.sigmoid()];
    const added = i.mul(g);
    const c = last ? f.mul(last.c).add(added) : added;
    done.push({ i, f, g, o, c, h: o.mul(c.tanh()) });
  }
  return done;
}

const outputShape = (ofInput: Tensor, weight: Tensor): Shape => [
  ...ofInput.shape.slice(0, -1),
  weight.shape.at(-1) ?? 0,
];

export const expandLstm = (ofInput: Tensor, weight: Tensor): Tensor =>
  joined(unroll(ofInput, weight).map(({ h }) => h)).reshape(outputShape(ofInput, weight));

export function expandLstmTrace(ofInput: Tensor, weight: Tensor): Tensor {
  const steps = unroll(ofInput, weight);
  const plane = outputShape(ofInput, weight);
  const planes = order.map((name) => joined(steps.map((step) => step[name])));
  return concat(
    planes.map((x) => x.reshape([...plane.slice(0, -3), 1, ...plane.slice(-3)])),
    -4,
  );
}

/** One quantity of a trace [..., 6, T, N, hidden]: [..., T, N, hidden]. */
function traced(trace: Tensor, name: (typeof order)[number]): Tensor {
  const { shape } = trace;
  const at = order.indexOf(name);
  return trace.sliceAxis(-4, at, at + 1).reshape([...shape.slice(0, -4), ...shape.slice(-3)]);
}

/** What `lstm` answers, out of a trace. */
export const hiddenStates = (trace: Tensor): Tensor => traced(trace, 'h');

/** [..., T, N, width]: each step holds what the step before it held, the first one zeros. */
export function stepBefore(x: Tensor): Tensor {
  const { shape, rank } = x;
  if (shape[rank - 3] === 1) return zeros(shape, x.dtype);
  const first = zeros([...shape.slice(0, -3), 1, ...shape.slice(-2)], x.dtype);
  return concat([first, x.sliceAxis(-3, 0, shape[rank - 3] - 1)], -3);
}

const oneMinus = (x: Tensor): Tensor => x.neg().add(1);
/** The derivatives of sigmoid and tanh by their values. */
const sigmoidSlope = (y: Tensor): Tensor => y.mul(oneMinus(y));
const tanhSlope = (y: Tensor): Tensor => oneMinus(y.square());

export function expandLstmBackward(trace: Tensor, weight: Tensor, dy: Tensor): Tensor {
  const [i, f, g, o, c] = order.slice(0, 5).map((name) => stepsAsRows(traced(trace, name)));
  const tanhC = c.tanh();
  const before = stepsAsRows(stepBefore(traced(trace, 'c')));

  // dz = (dc, dc, dc, dh) * slopes and dc = dh * throughH + what comes back from the next step.
  const ofGates = [
    g.mul(sigmoidSlope(i)),
    before.mul(sigmoidSlope(f)),
    i.mul(tanhSlope(g)),
    tanhC.mul(sigmoidSlope(o)),
  ];
  const steps = dy.shape[dy.rank - 3];
  const slopes = perStep(concat(ofGates, -1), steps);
  const throughH = perStep(o.mul(tanhSlope(tanhC)), steps);
  const kept = perStep(f, steps);

  const gates: Tensor[] = [];
  let next: { dz: Tensor; dc: Tensor } | undefined;
  for (const [t, wanted] of [...perStep(stepsAsRows(dy), steps).entries()].reverse()) {
    const dh: Tensor = next ? next.dz.matmul(weight).add(wanted) : wanted;
    const direct = dh.mul(throughH[t]);
    const dc: Tensor = next ? next.dc.mul(kept[t + 1]).add(direct) : direct;
    const dz = concat([dc, dc, dc, dh], -1).mul(slopes[t]);
    gates.unshift(dz);
    next = { dz, dc };
  }
  return joined(gates).reshape([...dy.shape.slice(0, -1), 4 * dy.shape[dy.rank - 1]]);
}
