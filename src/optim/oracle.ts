import { Bundle } from '../tensor/bundle.ts';
import { apply, type Tensor } from '../tensor/tensor.ts';
import { gradients, tangentsOf, vmap } from '../tensor/transforms.ts';

/** How often a step asked, by kind. A gradient comes with the loss value at its point. */
export interface OracleCalls {
  /** Loss values alone. */
  loss: number;
  gradient: number;
  hessianVector: number;
  /** Gradients of each example of a batch. */
  perExample: number;
}

export const noCalls = (): OracleCalls => ({ loss: 0, gradient: 0, hessianVector: 0, perExample: 0 });

export interface At {
  /** Which of the step's independent minibatches. Default 0. */
  batch?: number;
}

/** Where a symbolic step learns of the loss. Asking again at one bundle and batch costs nothing; every other call is counted. */
export interface Oracle {
  /** The mean loss of the minibatch, a scalar. */
  loss(w: Bundle, at?: At): Tensor;
  grad(w: Bundle, at?: At): Bundle;
  valueAndGrad(w: Bundle, at?: At): { value: Tensor; grad: Bundle };
  /** The Hessian at w times v. */
  hessianVector(w: Bundle, v: Bundle, at?: At): Bundle;
  /** One gradient for each example of the minibatch, [examples, parameters]. */
  perExampleGrads(w: Bundle, at?: At): Tensor;
  /**
   * The gradient of the mean loss over labels drawn from the model's own distribution, and how many labels a minibatch has. Only an objective
   * whose loss is a cross entropy of logits answers it; others throw an OracleError.
   */
  sampledGrad(w: Bundle, at?: At): { grad: Bundle; labels: number };
  /**
   * The oracle of another loss: the mean loss plus a term of the logits. Only an objective whose loss is a cross entropy of logits has them;
   * others throw an OracleError.
   */
  withTerm(term: LogitsTerm): Oracle;
}

/**
 * What a method adds to the loss of a minibatch, a scalar: `logits` [..., classes] are of the same pass as the loss, `at` answers those at
 * other parameters as an evaluation has them (no dropout, running statistics).
 */
export type LogitsTerm = (logits: Tensor, at: (w: Bundle) => Tensor) => Tensor;

/** The tensors of a minibatch, examples on axis 0. */
export type Batch = Readonly<Record<string, Tensor>>;

/** What is minimised. */
export interface Objective {
  /** The minibatch with this index; the same tensors each time. */
  batch(index: number): Batch;
  /** The mean loss over a minibatch, a scalar. `index` says whose random inputs (dropout masks) to use. */
  loss(w: Bundle, batch: Batch, index: number): Tensor;
  /** The same with labels drawn from the model's own distribution, and their number; absent where there is none. */
  sampledLoss?(w: Bundle, batch: Batch, index: number): { readonly loss: Tensor; readonly labels: number };
  /** The loss and the logits whose mean cross entropy it is, of one pass; absent where there are none. */
  lossAndLogits?(w: Bundle, batch: Batch, index: number): { readonly loss: Tensor; readonly logits: Tensor };
  /** The logits as an evaluation has them; there where `lossAndLogits` is. */
  logits?(w: Bundle, batch: Batch, index: number): Tensor;
}

/** A method asked what the objective cannot answer. */
export class OracleError extends Error {
  override readonly name = 'OracleError';
}

interface Point {
  readonly leaves: readonly Tensor[];
  readonly value: Tensor;
  grad?: Bundle;
}

/** Says which tasks can answer: those that name their labels. */
const needsLabels = (what: string, instead: string): OracleError =>
  new OracleError(
    `the method needs ${what}, but this task does not say that its loss is a cross entropy of logits; name the field of its labels ` +
      `('labels' of defineTask)${instead}`,
  );

/** The objective with a term added to its loss; `ask` is told of each further pass. */
function plusTerm(objective: Objective, term: LogitsTerm, ask: () => void): Objective {
  const { lossAndLogits, logits } = objective;
  if (!lossAndLogits || !logits) throw needsLabels('logits', '');
  const both: typeof lossAndLogits = (w, batch, index) => {
    const plain = lossAndLogits(w, batch, index);
    const added = term(plain.logits, (point) => {
      ask();
      return logits(point, batch, index);
    });
    return { ...plain, loss: plain.loss.add(added.cast(plain.loss.dtype)) };
  };
  return { ...objective, lossAndLogits: both, loss: (w, batch, index) => both(w, batch, index).loss };
}

const fresh = (w: Bundle): Tensor[] => w.leaves.map((leaf) => apply('identity', [leaf], {}));

/** An oracle over an objective, and the ledger of its calls. */
export function createOracle(objective: Objective): { oracle: Oracle; calls: OracleCalls } {
  const calls = noCalls();
  return { oracle: oracleOf(objective, calls), calls };
}

function oracleOf(objective: Objective, calls: OracleCalls): Oracle {
  const asked = new Map<Bundle, Map<number, Point>>();

  // Derivatives are taken in fresh identities of the leaves: at this point only.
  const valueAt = (w: Bundle, batch: number): Point => {
    const points = asked.get(w) ?? new Map<number, Point>();
    asked.set(w, points);
    let point = points.get(batch);
    if (!point) {
      const leaves = fresh(w);
      const value = objective.loss(Bundle.fromLeaves(w.layout, leaves), objective.batch(batch), batch);
      point = { leaves, value };
      points.set(batch, point);
      calls.loss++;
    }
    return point;
  };
  const gradAt = (w: Bundle, batch: number): Required<Point> => {
    const point = valueAt(w, batch);
    if (!point.grad) {
      point.grad = Bundle.fromLeaves(w.layout, gradients(point.value, point.leaves));
      calls.loss--;
      calls.gradient++;
    }
    return point as Required<Point>;
  };

  return {
    loss: (w, { batch = 0 } = {}) => valueAt(w, batch).value,
    grad: (w, { batch = 0 } = {}) => gradAt(w, batch).grad,
    valueAndGrad: (w, { batch = 0 } = {}) => gradAt(w, batch),
    hessianVector: (w, v, { batch = 0 } = {}) => {
      const { leaves, grad } = gradAt(w, batch);
      calls.hessianVector++;
      return Bundle.fromLeaves(w.layout, tangentsOf(grad.leaves, leaves, v.leaves));
    },
    perExampleGrads: (w, { batch = 0 } = {}) => {
      calls.perExample++;
      const gradOf = (example: Batch): Tensor => {
        const alone = Object.fromEntries(Object.entries(example).map(([name, x]) => [name, x.expandDims(0)]));
        const leaves = fresh(w);
        const loss = objective.loss(Bundle.fromLeaves(w.layout, leaves), alone, batch);
        return Bundle.fromLeaves(w.layout, gradients(loss, leaves)).flat;
      };
      return vmap(gradOf)(objective.batch(batch));
    },
    sampledGrad: (w, { batch = 0 } = {}) => {
      const leaves = fresh(w);
      const sampled = objective.sampledLoss?.(Bundle.fromLeaves(w.layout, leaves), objective.batch(batch), batch);
      if (!sampled) {
        throw needsLabels("labels drawn from the model's own distribution", ', or choose an estimator without labels');
      }
      calls.gradient++;
      return { grad: Bundle.fromLeaves(w.layout, gradients(sampled.loss, leaves)), labels: sampled.labels };
    },
    withTerm: (term) =>
      oracleOf(
        plusTerm(objective, term, () => {
          calls.loss++;
        }),
        calls,
      ),
  };
}
