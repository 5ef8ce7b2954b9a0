import type { Outcome } from '../plan.ts';
import { decode, encode } from './json.ts';

/** A trial's curves: the training loss of each recorded step, and the evaluations on the validation set with all of their metrics. */
export type Series = 'train' | 'validation';

export const allSeries: readonly Series[] = ['train', 'validation'];

export type Curves = Pick<Outcome, 'trainLoss' | 'validation'>;

/** Losses lie as two lists, steps and losses: half as long as a list of points, and as quickly read. */
interface TrainPoints {
  readonly step: readonly number[];
  readonly loss: readonly number[];
}

export const pointsOf = ({ trainLoss, validation }: Curves): Readonly<Record<Series, string>> => ({
  train: encode({
    step: trainLoss.map(({ step }) => step),
    loss: trainLoss.map(({ loss }) => loss),
  } satisfies TrainPoints),
  validation: encode(validation),
});

/** What an outcome keeps without its curves: the first and the last point of each. */
export const endsOf = ({ trainLoss, validation }: Curves): Curves => ({
  trainLoss: firstAndLast(trainLoss),
  validation: firstAndLast(validation),
});

const firstAndLast = <T>(points: readonly T[]): readonly T[] =>
  points.length < 3 ? points : [points[0], points[points.length - 1]];

/** The series that were read. */
export function curvesOf(points: Partial<Record<Series, string>>): Partial<Curves> {
  const train = points.train === undefined ? undefined : decode<TrainPoints>(points.train);
  return {
    ...(train && { trainLoss: train.step.map((step, i) => ({ step, loss: train.loss[i] })) }),
    ...(points.validation !== undefined && { validation: decode<Outcome['validation']>(points.validation) }),
  };
}
