import { Matrix, solve } from 'ml-matrix';

/**
 * Nash averaging (Balduzzi et al. 2018, Re-evaluating evaluation, arXiv:1806.02643). One player picks a competitor, the other a task, and
 * the first gets the score of the one on the other. In equilibrium a task weighs as much as it tells competitors apart that matter: a
 * task that is there ten times weighs no more than once, and one that all do equally well weighs nothing. Of several equilibria the one
 * with the largest entropy is meant, which is unique.
 */
export interface NashAverage {
  /** How often the first player picks each competitor. */
  readonly competitors: readonly number[];
  /** The weight of each task. */
  readonly tasks: readonly number[];
  /** Of each competitor: its mean score under these weights. */
  readonly scores: readonly number[];
}

export interface NashOptions {
  /** Scale the scores on each task to [0, 1] first, as the reference code of OpenSpiel does. Default true. */
  readonly normalise?: boolean;
}

/**
 * @param scores by competitor, then by task; higher is better. An antisymmetric matrix, of competitors against competitors, gives the
 *   symmetric game of the paper.
 */
export function nashAverage(
  scores: readonly (readonly number[])[],
  { normalise = true }: NashOptions = {},
): NashAverage {
  const payoff = new Matrix((normalise ? minMax(scores) : scores).map((row) => [...row]));
  const { x, y } = equilibrium(payoff);
  return { competitors: x, tasks: y, scores: payoff.mmul(Matrix.columnVector(y)).to1DArray() };
}

/** (s - min) / (max - min) on each task; 1 where all are equal, so that the task is easy for everybody and weighs nothing. */
function minMax(scores: readonly (readonly number[])[]): number[][] {
  const tasks = scores[0]?.length ?? 0;
  const ranges = Array.from({ length: tasks }, (_, w) => {
    const column = scores.map((row) => row[w]);
    return { low: Math.min(...column), high: Math.max(...column) };
  });
  return scores.map((row) =>
    row.map((s, w) => (ranges[w].high > ranges[w].low ? (s - ranges[w].low) / (ranges[w].high - ranges[w].low) : 1)),
  );
}

const coldest = 1e-7;
const cooling = 0.7;
const newtonSteps = 50;

/**
 * The equilibrium of players who like entropy: x = softmax(S y / T), y = softmax(-S'x / T), which is unique, and for T -> 0 goes to the
 * equilibrium of largest entropy with an error of O(T). Found by Newton's method on the logits while the temperature T falls from twice
 * the largest score to 1e-7.
 */
function equilibrium(payoff: Matrix): { x: number[]; y: number[] } {
  const largest = Math.max(...payoff.to1DArray().map(Math.abs));
  let a = Matrix.zeros(payoff.rows, 1);
  let b = Matrix.zeros(payoff.columns, 1);
  if (largest > 0) {
    // Scores are taken in units of the largest, so that the temperature means the same for every game.
    const unit = Matrix.div(payoff, largest);
    for (let temperature = 2; temperature > coldest * cooling; temperature *= cooling) {
      [a, b] = newton(Matrix.div(unit, Math.max(temperature, coldest)), a, b);
    }
  }
  return { x: softmax(a), y: softmax(b) };
}

/** Solves a = centred S softmax(b), b = -centred S' softmax(a), from a guess; steps that do not come closer are halved. */
function newton(payoff: Matrix, a: Matrix, b: Matrix): [Matrix, Matrix] {
  const { rows, columns } = payoff;
  let at = Matrix.columnVector([...a.to1DArray(), ...b.to1DArray()]);
  const residual = (logits: Matrix): Matrix => {
    const { x, y } = split(logits, rows);
    const forA = centred(payoff.mmul(Matrix.columnVector(y)));
    const forB = centred(payoff.transpose().mmul(Matrix.columnVector(x)));
    return Matrix.sub(logits, Matrix.columnVector([...forA.to1DArray(), ...forB.mul(-1).to1DArray()]));
  };
  let now = residual(at);
  for (let i = 0; i < newtonSteps && now.norm() > 1e-9; i++) {
    const { x, y } = split(at, rows);
    const jacobian = Matrix.eye(rows + columns);
    jacobian.setSubMatrix(centred(payoff.mmul(spread(y))).mul(-1), 0, rows);
    jacobian.setSubMatrix(centred(payoff.transpose().mmul(spread(x))), rows, 0);
    const step = solve(jacobian, now);
    let share = 1;
    let next = Matrix.sub(at, step);
    let left = residual(next);
    while (!(left.norm() < now.norm()) && share > 1e-6) {
      share /= 2;
      next = Matrix.sub(at, Matrix.mul(step, share));
      left = residual(next);
    }
    if (!(left.norm() < now.norm())) break;
    [at, now] = [next, left];
  }
  return [at.subMatrix(0, rows - 1, 0, 0), at.subMatrix(rows, rows + columns - 1, 0, 0)];
}

const split = (logits: Matrix, rows: number): { x: number[]; y: number[] } => ({
  x: softmax(logits.subMatrix(0, rows - 1, 0, 0)),
  y: softmax(logits.subMatrix(rows, logits.rows - 1, 0, 0)),
});

function softmax(logits: Matrix): number[] {
  const values = logits.to1DArray();
  const top = Math.max(...values);
  const weights = values.map((value) => Math.exp(value - top));
  const sum = weights.reduce((total, w) => total + w, 0);
  return weights.map((w) => w / sum);
}

/** The derivative of softmax: diag(p) - p p'. */
function spread(p: readonly number[]): Matrix {
  const column = Matrix.columnVector([...p]);
  return Matrix.sub(Matrix.diag([...p]), column.mmul(column.transpose()));
}

/** Each column less its mean. */
const centred = (matrix: Matrix): Matrix => matrix.center('column');
