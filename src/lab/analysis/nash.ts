import { Matrix, solve } from 'ml-matrix';
import { mean } from './statistics.ts';

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
  const payoff = normalise ? minMax(scores) : scores;
  const { x, y } = equilibrium(payoff);
  return { competitors: x, tasks: y, scores: times(payoff, y) };
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
function equilibrium(payoff: Rows): { x: readonly number[]; y: readonly number[] } {
  const largest = Math.max(...payoff.flat().map(Math.abs));
  const columns = payoff[0]?.length ?? 0;
  let logits: readonly number[] = new Array(payoff.length + columns).fill(0);
  if (largest > 0) {
    // Scores are taken in units of the largest, so that the temperature means the same for every game.
    for (let temperature = 2; temperature > coldest * cooling; temperature *= cooling) {
      const cold = Math.max(temperature, coldest);
      logits = newton(
        payoff.map((row) => row.map((s) => s / largest / cold)),
        logits,
      );
    }
  }
  return players(logits, payoff.length);
}

/**
 * Solves a = centred S softmax(b), b = -centred S' softmax(a) for the logits a and b, one after the other, from a guess; steps that do
 * not come closer are halved. On plain lists, which for matrices so small take half the time of a library's.
 */
function newton(payoff: Rows, guess: readonly number[]): readonly number[] {
  const rows = payoff.length;
  const across = transposed(payoff);
  const residual = (logits: readonly number[]): number[] => {
    const { x, y } = players(logits, rows);
    const forA = centred(times(payoff, y));
    const forB = centred(times(across, x));
    return logits.map((logit, i) => (i < rows ? logit - forA[i] : logit + forB[i - rows]));
  };
  let at = guess;
  let now = residual(at);
  for (let i = 0; i < newtonSteps && norm(now) > 1e-9; i++) {
    const { x, y } = players(at, rows);
    const forA = centredColumns(payoff, y);
    const forB = centredColumns(across, x);
    const jacobian = Matrix.eye(at.length);
    forA.forEach((column, k) => {
      column.forEach((value, i) => void jacobian.set(i, rows + k, -value));
    });
    forB.forEach((column, k) => {
      column.forEach((value, i) => void jacobian.set(rows + i, k, value));
    });
    const step = solve(jacobian, Matrix.columnVector(now)).to1DArray();
    let share = 1;
    let next = at.map((logit, i) => logit - step[i]);
    let left = residual(next);
    while (!(norm(left) < norm(now)) && share > 1e-6) {
      share /= 2;
      next = at.map((logit, i) => logit - step[i] * share);
      left = residual(next);
    }
    if (!(norm(left) < norm(now))) break;
    [at, now] = [next, left];
  }
  return at;
}

type Rows = readonly (readonly number[])[];

const players = (logits: readonly number[], rows: number) => ({
  x: softmax(logits.slice(0, rows)),
  y: softmax(logits.slice(rows)),
});

function softmax(logits: readonly number[]): number[] {
  const top = Math.max(...logits);
  const weights = logits.map((value) => Math.exp(value - top));
  const sum = weights.reduce((total, w) => total + w, 0);
  return weights.map((w) => w / sum);
}

const dot = (a: readonly number[], b: readonly number[]): number => {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i] * b[i];
  return sum;
};

const norm = (vector: readonly number[]): number => Math.sqrt(dot(vector, vector));
const times = (rows: Rows, vector: readonly number[]): number[] => rows.map((row) => dot(row, vector));
const transposed = (rows: Rows): number[][] => (rows[0] ?? []).map((_, j) => rows.map((row) => row[j]));

function centred(values: readonly number[]): number[] {
  const center = mean(values);
  return values.map((value) => value - center);
}

/** The columns of S (diag(p) - p p'), where the bracket is the derivative of softmax, each less its mean. */
const centredColumns = (payoff: Rows, p: readonly number[]): number[][] =>
  p.map((own, k) => {
    const column = p.map((other, i) => (i === k ? own : 0) - other * own);
    return centred(times(payoff, column));
  });
