import { sizeOf } from '../../tensor/shape.ts';
import type { Tensor } from '../../tensor/tensor.ts';
import { rowMajor } from './construct.ts';
import { type AttentionValue, define, type View } from './ir.ts';

const attention =
  (op: AttentionValue['op']) =>
  ([qkv, dy]: readonly View[], heads: number, { shape, dtype }: Tensor): View => {
    const [steps, columns] = qkv.shape.slice(-2);
    return define({
      kind: 'attention',
      op,
      qkv: rowMajor(qkv),
      dy: dy ? rowMajor(dy) : null,
      sequences: sizeOf(qkv.shape.slice(0, -2)),
      steps,
      heads,
      size: columns / 3 / heads,
      shape,
      dtype,
    });
  };

export const causalAttention = attention('causalAttention');
export const causalAttentionBackward = attention('causalAttentionBackward');

/** Queries at a time, of which each meets the keys before the last of them; whole tiles of products, also of the keys that they read. */
export const mostQueries = 24;
/** Queries, and features, come in panels of two vectors. */
export const panelWidth = 8;
export const panels = (n: number): number => Math.ceil(n / panelWidth);

/** Heads do not know of each other. */
export const attentionItems = ({ sequences, heads }: AttentionValue): number => sequences * heads;

/** Multiply-adds count twice; about half of the keys come after their queries. */
export const attentionFlops = ({ op, sequences, heads, steps, size }: AttentionValue): number =>
  (op === 'causalAttention' ? 2 : 5) * sequences * heads * steps * (steps + mostQueries) * size;

/** Bytes from row to row, and where in the memory of a thread each matrix of a head begins. */
export interface AttentionLayout {
  /** Of matrices whose columns are features, and of those whose columns are the queries at hand. */
  readonly featureRow: number;
  readonly queryRow: number;
  /** The queries at hand, and cotangents of what they take, in panels: [panel, feature, query]. */
  readonly queryPanels: number;
  readonly cotangentPanels: number;
  /** A row for each step, of heads whose features do not fill panels. */
  readonly queries: number;
  readonly keys: number;
  readonly values: number;
  readonly cotangents: number;
  /** A row for each step. */
  readonly ofKeys: number;
  readonly ofValues: number;
  /** A row for each key, a column for each query at hand. */
  readonly weights: number;
  readonly scores: number;
  /** A row for each query at hand. */
  readonly result: number;
  readonly bytes: number;
}

export function attentionLayout({ op, steps, size }: AttentionValue): AttentionLayout {
  const atHand = panels(Math.min(mostQueries, steps)) * panelWidth;
  const featureRow = 4 * panels(size) * panelWidth;
  const queryRow = 4 * atHand;
  const back = op === 'causalAttentionBackward';
  const copied = size % panelWidth > 0;
  let bytes = 0;
  const take = (wanted: number, needed = true): number => {
    const at = bytes;
    if (needed) bytes += Math.ceil(wanted / 64) * 64;
    return at;
  };
  return {
    featureRow,
    queryRow,
    queryPanels: take(queryRow * size),
    cotangentPanels: take(queryRow * size, back),
    queries: take(steps * featureRow, back && copied),
    keys: take(steps * featureRow, back && copied),
    values: take(steps * featureRow, !back && copied),
    cotangents: take(steps * featureRow, back && copied),
    ofKeys: take(steps * featureRow, back),
    ofValues: take(steps * featureRow, back),
    weights: take(steps * queryRow),
    scores: take(steps * queryRow, back),
    result: take(atHand * featureRow),
    bytes,
  };
}
