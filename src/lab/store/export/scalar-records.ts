import type { CurvePoints } from './rows.ts';
import { around, frame, head } from './tf-record.ts';

/**
 * Points of curves as TFRecords of tensorflow.Event, byte by byte, since there are millions of them. Protocol buffers: a field is its
 * number and kind in one byte, then the value.
 *
 *   Event          wall_time 1 (double), step 2 (varint), summary 5
 *   Summary        value 1
 *   Summary.Value  tag 1 (text), simple_value 2 (float)
 *
 * @param started seconds since 1970, at which the first step began
 */
export function scalarRecords(started: number, { series, step, seconds, value }: CurvePoints): Uint8Array {
  const tags = new Map([...new Set(series)].map((name) => [name, valueHead(name)]));
  const longest = Math.max(0, ...[...tags.values()].map(({ length }) => length));
  const bytes = Buffer.allocUnsafe(step.length * (around + 9 + 1 + longestVarint + longest + 5));
  let at = 0;
  for (let i = 0; i < step.length; i++) {
    const start = at;
    at += head;
    bytes[at] = 0x09;
    bytes.writeDoubleLE(started + seconds[i], at + 1);
    bytes[at + 9] = 0x10;
    at = writeVarint(bytes, step[i], at + 10);
    const tag = tags.get(series[i]) as Uint8Array;
    bytes.set(tag, at);
    at += tag.length;
    bytes[at] = 0x15;
    bytes.writeFloatLE(value[i], at + 1);
    at += 5;
    frame(bytes, start, at - start - head);
    at += around - head;
  }
  return bytes.subarray(0, at);
}

/** From the summary's first byte to the end of the tag; five bytes for the value follow. */
function valueHead(name: string): Uint8Array {
  const tag = Buffer.from(name);
  const field = Buffer.concat([Buffer.of(0x0a), varint(tag.length), tag]);
  const one = Buffer.concat([Buffer.of(0x0a), varint(field.length + 5), field]);
  return Buffer.concat([Buffer.of(0x2a), varint(one.length + 5), one]);
}

const longestVarint = 10;

function varint(value: number): Uint8Array {
  const bytes = new Uint8Array(longestVarint);
  return bytes.subarray(0, writeVarint(bytes, value, 0));
}

/** Seven bits a byte, the lowest first; the place behind it. */
function writeVarint(bytes: Uint8Array, value: number, start: number): number {
  let [at, rest] = [start, value];
  for (; rest > 0x7f; rest = Math.floor(rest / 0x80)) bytes[at++] = (rest & 0x7f) | 0x80;
  bytes[at] = rest;
  return at + 1;
}
