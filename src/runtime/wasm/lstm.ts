import { sizeOf } from '../../tensor/shape.ts';
import type { Tensor } from '../../tensor/tensor.ts';
import { copied, padded, rowMajor } from './construct.ts';
import { define, type LstmValue, type View } from './ir.ts';
import { broadcast, transposed } from './view.ts';

/** Columns of a panel of weights: two vectors. */
export const panelWidth = 8;

export const panelsFor = (columns: number): number => Math.ceil(columns / panelWidth);

/**
 * The weights as what a step multiplies its rows by, [..., k, columns], in panels of 8 columns that follow one another; the last one is
 * filled up with zeros.
 */
function packed(weights: View): View {
  const { shape } = weights;
  const last = shape.length - 1;
  const count = panelsFor(shape[last]);
  const side = (n: number): number[] => shape.map((_, axis) => (axis === last ? n : 0));
  const none = side(0);
  const full = padded(weights, none, side(count * panelWidth - shape[last]), none, 0);
  const parted: View = {
    ...full,
    shape: [...shape.slice(0, -1), count, panelWidth],
    strides: [...full.strides.slice(0, -1), panelWidth * full.strides[last], full.strides[last]],
  };
  return copied(transposed(parted, [...Array(last - 1).keys(), last, last - 1, last + 1]));
}

/** One matrix of weights for all lanes, or one for each. */
function ofLanes(weight: View, leading: readonly number[]): View {
  return weight.shape.length === 2 ? weight : broadcast(weight, [...leading, ...weight.shape.slice(-2)]);
}

const swapped = (view: View): View => {
  const rank = view.shape.length;
  return transposed(view, [...Array(rank - 2).keys(), rank - 1, rank - 2]);
};

function recurrence(op: LstmValue['op'], x: View, weight: View, dy: View | null, node: Tensor): View {
  const like = dy ?? x;
  const leading = like.shape.slice(0, -3);
  const [steps, rows] = like.shape.slice(-3);
  const own = ofLanes(weight, leading);
  return define({
    kind: 'lstm',
    op,
    x: rowMajor(x),
    dy: dy && rowMajor(dy),
    panels: packed(op === 'lstmTrace' ? swapped(own) : own),
    oneWeight: own.shape.length === 2,
    lanes: sizeOf(leading),
    steps,
    rows,
    hidden: weight.shape[weight.shape.length - 1],
    shape: node.shape,
    dtype: node.dtype,
  });
}

export const lstmTrace = ([ofInput, weight]: readonly View[], node: Tensor): View =>
  recurrence('lstmTrace', ofInput, weight, null, node);

export const lstmBackward = ([trace, weight, dy]: readonly View[], node: Tensor): View =>
  recurrence('lstmBackward', trace, weight, dy, node);

/** How the rows of a batch, which do not know of each other, are cut into blocks. */
export interface Blocks {
  /** Rows of a block; the last one of a lane may have fewer. */
  readonly rows: number;
  readonly perLane: number;
}

/** `parts`: into how many blocks all lanes should fall, if there are rows enough. */
export function blocksOf({ lanes, rows }: LstmValue, parts = 1): Blocks {
  const size = Math.ceil(rows / Math.max(1, Math.min(rows, Math.ceil(parts / lanes))));
  return { rows: size, perLane: Math.ceil(rows / size) };
}

/** Multiply-adds count twice. */
export const lstmFlops = ({ lanes, steps, rows, hidden }: LstmValue): number =>
  2 * lanes * steps * rows * 4 * hidden * hidden;

/** Columns of what a step multiplies. */
export const productColumns = ({ op, hidden }: LstmValue): number => (op === 'lstmTrace' ? 4 * hidden : hidden);

/** Bytes that one thread needs: the product of a step, and going back what the cells pass on. */
export function lstmBytes(value: LstmValue, { rows }: Blocks): number {
  const columns = panelsFor(productColumns(value)) * panelWidth + (value.op === 'lstmTrace' ? 0 : value.hidden);
  return Math.ceil((4 * rows * columns) / 64) * 64;
}
