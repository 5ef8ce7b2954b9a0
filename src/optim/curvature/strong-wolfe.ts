/** Loss, gradient and slope d . gradient at w + t d. */
export interface Trial {
  readonly t: number;
  readonly value: number;
  readonly grad: Float64Array;
  readonly slope: number;
}

export interface WolfeOptions {
  /** Sufficient decrease and curvature. */
  readonly c1?: number;
  readonly c2?: number;
  readonly maxTrials?: number;
  /** The bracket is small enough when no coordinate would move further. */
  readonly tolerance: number;
  /** Largest coordinate of the direction. */
  readonly reach: number;
}

/**
 * The minimum of the cubic through two trials, clipped to the bounds; their midpoint where the cubic has none
 * (Nocedal & Wright 2006, eq. 3.59).
 */
export function cubicMinimum(a: Trial, b: Trial, bounds = [Math.min(a.t, b.t), Math.max(a.t, b.t)]): number {
  const [first, last] = a.t <= b.t ? [a, b] : [b, a];
  const d1 = first.slope + last.slope - (3 * (first.value - last.value)) / (first.t - last.t);
  const square = d1 * d1 - first.slope * last.slope;
  if (!(square >= 0)) return (bounds[0] + bounds[1]) / 2;
  const d2 = Math.sqrt(square);
  const width = last.t - first.t;
  const at = last.t - width * ((last.slope + d2 - d1) / (last.slope - first.slope + 2 * d2));
  return Math.min(Math.max(at, bounds[0]), bounds[1]);
}

/**
 * A point along a direction that meets the strong Wolfe conditions: bracket, then zoom. Nocedal & Wright 2006, Algorithms 3.5 and 3.6, with the
 * safeguards of PyTorch's `_strong_wolfe` (itself from minFunc by M. Schmidt).
 */
export async function strongWolfe(
  evaluate: (t: number) => Promise<Trial>,
  start: Trial,
  firstTrial: number,
  { c1 = 1e-4, c2 = 0.9, maxTrials = 25, tolerance, reach }: WolfeOptions,
): Promise<Trial> {
  const tooHigh = ({ t, value }: Trial) => value > start.value + c1 * t * start.slope;
  const flatEnough = ({ slope }: Trial) => Math.abs(slope) <= -c2 * start.slope;

  let previous = start;
  let trial = await evaluate(firstTrial);
  let trials = 0;
  let bracket: [Trial, Trial] | undefined;
  for (; trials < maxTrials && !bracket; trials++) {
    if (tooHigh(trial) || (trials > 1 && trial.value >= previous.value)) bracket = [previous, trial];
    else if (flatEnough(trial)) return trial;
    else if (trial.slope >= 0) bracket = [previous, trial];
    if (bracket) break;
    const next = cubicMinimum(previous, trial, [trial.t + 0.01 * (trial.t - previous.t), 10 * trial.t]);
    previous = trial;
    trial = await evaluate(next);
  }
  bracket ??= [start, trial];

  let [low, high] = bracket[0].value <= bracket[1].value ? bracket : [bracket[1], bracket[0]];
  let stuck = false;
  for (; trials < maxTrials; trials++) {
    if (Math.abs(high.t - low.t) * reach < tolerance) break;
    const [left, right] = low.t <= high.t ? [low.t, high.t] : [high.t, low.t];
    let t = cubicMinimum(low, high);
    const margin = 0.1 * (right - left);
    if (Math.min(right - t, t - left) < margin) {
      if (stuck || t >= right || t <= left) {
        t = Math.abs(t - right) < Math.abs(t - left) ? right - margin : left + margin;
        stuck = false;
      } else stuck = true;
    } else stuck = false;

    trial = await evaluate(t);
    if (tooHigh(trial) || trial.value >= low.value) {
      high = trial;
      if (high.value < low.value) [low, high] = [high, low];
    } else {
      if (flatEnough(trial)) return trial;
      if (trial.slope * (high.t - low.t) >= 0) high = low;
      low = trial;
    }
  }
  return low;
}
