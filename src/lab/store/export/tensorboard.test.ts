import { PbfReader } from 'pbf';
import { describe, expect, it } from 'vitest';
import { finishedOutcome, trialPlan } from '../../../testing/race.ts';
import type { TrialRecord } from '../lab.ts';
import { eventFile } from './tensorboard.ts';
import { maskedChecksum } from './tf-record.ts';

const plan = { ...trialPlan('adamw', 'final', 0, 0.01), values: { lr: 0.01, nesterov: true, decay: 'cosine' } };

const trial: TrialRecord = {
  id: plan.id,
  task: plan.task,
  competitor: plan.competitor,
  phase: plan.phase,
  index: 0,
  seed: plan.seed,
  values: plan.values,
  state: 'ended',
  attempts: 1,
  status: 'finished',
  steps: 100,
  loss: 0.3,
  metric: 0.1,
  test: 0.11,
  seconds: 0.4,
  error: null,
  plan,
  outcome: {
    ...finishedOutcome(plan, 0.1),
    trainLoss: [
      { step: 1, loss: 2.5 },
      { step: 50, loss: Number.NaN },
      { step: 2 ** 40, loss: Number.POSITIVE_INFINITY },
    ],
  },
  worker: 'host, process 1',
  version: '0.1.0',
  machine: 'made-up, 2 cores, linux x64',
  started: '2026-11-22T10:00:00.000Z',
  ended: '2026-11-22T10:00:01.000Z',
};

/** CRC-32C bit by bit, from its polynomial. */
function slowChecksum(data: Uint8Array): number {
  let crc = ~0;
  for (const byte of data) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0x82f63b78 : 0);
  }
  return ~crc >>> 0;
}

const masked = (crc: number): number => (((crc >>> 15) | (crc << 17)) + 0xa282ead8) >>> 0;

interface Scalar {
  readonly tag: string;
  readonly step: number;
  readonly value: number;
  readonly time: number;
}

/** The records of an event file; throws where a checksum is wrong. */
function records(bytes: Uint8Array): Uint8Array[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const found: Uint8Array[] = [];
  for (let at = 0; at < bytes.length; ) {
    const length = Number(view.getBigUint64(at, true));
    const data = bytes.subarray(at + 12, at + 12 + length);
    if (view.getUint32(at + 8, true) !== masked(slowChecksum(bytes.subarray(at, at + 8)))) throw new Error('length');
    if (view.getUint32(at + 12 + length, true) !== masked(slowChecksum(data))) throw new Error('data');
    found.push(data);
    at += 16 + length;
  }
  return found;
}

/** The fields of a message by number: numbers as they are, the rest as bytes. */
function fieldsOf(data: Uint8Array): Record<number, (number | Uint8Array)[]> {
  const fields: Record<number, (number | Uint8Array)[]> = {};
  new PbfReader(data).readFields((tag, _, pbf) => {
    const value =
      pbf.type === 0
        ? pbf.readVarint()
        : pbf.type === 1
          ? pbf.readDouble()
          : pbf.type === 5
            ? pbf.readFloat()
            : pbf.readBytes();
    fields[tag] = [...(fields[tag] ?? []), value];
  }, null);
  return fields;
}

const text = (value: number | Uint8Array): string => new TextDecoder().decode(value as Uint8Array);

function scalars(data: Uint8Array): Scalar[] {
  const event = fieldsOf(data);
  return (event[5] ?? []).flatMap((summary) =>
    (fieldsOf(summary as Uint8Array)[1] ?? []).flatMap((bytes) => {
      const value = fieldsOf(bytes as Uint8Array);
      if (value[2] === undefined) return [];
      return [
        {
          tag: text(value[1][0]),
          step: Number(event[2]?.[0] ?? 0),
          value: Number(value[2][0]),
          time: Number(event[1][0]),
        },
      ];
    }),
  );
}

describe('TensorBoard event files', () => {
  it('have the checksum that TFRecord asks for', () => {
    // The check value of CRC-32C in every catalogue of checksums.
    const digits = new TextEncoder().encode('123456789');
    expect(slowChecksum(digits)).toBe(0xe3069283);
    expect(maskedChecksum(digits)).toBe(masked(0xe3069283));
  });

  it('begin with their version, and hold every curve', () => {
    const events = records(eventFile(trial));
    expect(text(fieldsOf(events[0])[3][0])).toBe('brain.Event:2');
    const found = events.flatMap(scalars);
    const of = (tag: string) => found.filter((one) => one.tag === tag).map(({ step, value }) => [step, value]);
    expect([...new Set(found.map(({ tag }) => tag))]).toEqual([
      'train/loss',
      'validation/loss',
      'validation/error',
      'test/loss',
      'test/error',
    ]);
    expect(of('train/loss')).toEqual([
      [1, 2.5],
      [50, Number.NaN],
      [2 ** 40, Number.POSITIVE_INFINITY],
    ]);
    expect(of('validation/error')).toEqual(
      [25, 50, 75, 100].map((step, i) => [step, Math.fround(0.1 * (1 + 0.5 * (3 - i)))]),
    );
    const started = Date.parse(trial.started) / 1000;
    expect(found.find(({ tag, step }) => tag === 'validation/loss' && step === 50)?.time).toBeCloseTo(started + 0.2, 6);
  });

  it('hold the hyperparameters', () => {
    const file = new TextDecoder('latin1').decode(eventFile(trial));
    for (const word of [
      '_hparams_/session_start_info',
      '_hparams_/session_end_info',
      'hparams',
      'nesterov',
      'cosine',
    ]) {
      expect(file).toContain(word);
    }
  });

  it('end before the curves of a trial that still runs', () => {
    const running: TrialRecord = { ...trial, state: 'running', outcome: null, ended: null, status: null };
    expect(records(eventFile(running))).toHaveLength(2);
  });
});
