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
}

/** The tensors of a minibatch, examples on axis 0. */
export type Batch = Readonly<Record<string, Tensor>>;

/** What is minimised. */
export interface Objective {
  /** The minibatch with this index; the same tensors each time. */
  batch(index: number): Batch;
  /** The mean loss over a minibatch, a scalar. `index` says whose random inputs (dropout masks) to use. */
  loss(w: Bundle, batch: Batch, index: number): Tensor;
}

interface Point {
  readonly leaves: readonly Tensor[];
  readonly value: Tensor;
  grad?: Bundle;
}

const fresh = (w: Bundle): Tensor[] => w.leaves.map((leaf) => apply('identity', [leaf], {}));

/** An oracle over an objective, and the ledger of its calls. */
export function createOracle(objective: Objective): { oracle: Oracle; calls: OracleCalls } {
  const calls = noCalls();
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

  const oracle: Oracle = {
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
  };
  return { oracle, calls };
}
