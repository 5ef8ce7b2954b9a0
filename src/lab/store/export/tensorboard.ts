import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { PbfWriter } from 'pbf';
import { makeFolder } from '../../../train/make-folder.ts';
import type { TrialRecord } from '../lab.ts';
import { curvePoints } from './rows.ts';
import { scalarRecords } from './scalar-records.ts';
import { around, frame, head } from './tf-record.ts';

/**
 * TensorBoard event files: one folder for each trial, named as the trial is, so that TensorBoard lists every trial as a run; in it one
 * file with its curves as scalars and its hyperparameters for the HParams page. Values are float32 there.
 */
export async function writeTensorboard(folder: string, race: string, trial: TrialRecord): Promise<void> {
  const place = join(folder, ...trial.id.split('/').map(fileName));
  makeFolder(place);
  await writeFile(join(place, `events.out.tfevents.${race}`), eventFile(trial));
}

/** A label as the name of a folder on any system. Labels hold no '/'. */
const fileName = (label: string): string =>
  label
    .replaceAll(/[<>:"|?*\\%]|\p{Cc}/gu, (character) => encodeURIComponent(character).replace('*', '%2A'))
    .replace(/\.+$/, (dots) => '%2E'.repeat(dots.length));

/** All events of a trial, framed as TFRecords. */
export function eventFile(trial: TrialRecord): Uint8Array {
  const started = Date.parse(trial.started) / 1000;
  const ended = trial.ended === null ? null : Date.parse(trial.ended) / 1000;
  const begin = [
    message((event) => {
      event.writeDoubleField(1, started);
      event.writeStringField(3, 'brain.Event:2');
    }),
    hparamsEvent('_hparams_/session_start_info', started, (data) =>
      data.writeMessage(3, sessionStart, { trial, started }),
    ),
  ];
  const end =
    ended === null
      ? []
      : [
          hparamsEvent('_hparams_/session_end_info', ended, (data) =>
            data.writeMessage(4, sessionEnd, { isSuccess: trial.status === 'finished', ended }),
          ),
        ];
  return Buffer.concat([...begin.map(record), scalarRecords(started, curvePoints(trial)), ...end.map(record)]);
}

function message(write: (pbf: PbfWriter) => void): Uint8Array {
  const pbf = new PbfWriter();
  write(pbf);
  return pbf.finish();
}

/** SummaryMetadata: plugin_data 1; PluginData: plugin_name 1, content 2, which is a HParamsPluginData. */
const hparamsEvent = (tag: string, time: number, write: (data: PbfWriter) => void): Uint8Array => {
  const content = message((data) => {
    data.writeVarintField(1, 0);
    write(data);
  });
  return message((event) => {
    event.writeDoubleField(1, time);
    event.writeBytesField(5, valueMessage(tag, content));
  });
};

const valueMessage = (tag: string, content: Uint8Array): Uint8Array => {
  const plugin = message((data) => {
    data.writeStringField(1, 'hparams');
    data.writeBytesField(2, content);
  });
  const metadata = message((data) => data.writeBytesField(1, plugin));
  const value = message((data) => {
    data.writeStringField(1, tag);
    data.writeBytesField(9, metadata);
  });
  return message((summary) => summary.writeBytesField(1, value));
};

/** SessionStartInfo: hparams 1, a map whose entries have key 1 and value 2; group_name 4; start_time_secs 5. */
function sessionStart({ trial, started }: { trial: TrialRecord; started: number }, info: PbfWriter): void {
  const { task, competitor, phase, seed, values, id } = trial;
  for (const [name, value] of Object.entries({ task, competitor, phase, seed, ...values })) {
    info.writeBytesField(
      1,
      message((entry) => {
        entry.writeStringField(1, name);
        entry.writeMessage(2, writeValue, value);
      }),
    );
  }
  info.writeStringField(4, id);
  info.writeDoubleField(5, started);
}

/** google.protobuf.Value: number_value 2, string_value 3, bool_value 4. */
function writeValue(value: number | string | boolean, pbf: PbfWriter): void {
  if (typeof value === 'number') pbf.writeDoubleField(2, value);
  else if (typeof value === 'string') pbf.writeStringField(3, value);
  else pbf.writeBooleanField(4, value);
}

/** SessionEndInfo: status 1, of which 1 is success and 2 failure; end_time_secs 2. */
function sessionEnd({ isSuccess, ended }: { isSuccess: boolean; ended: number }, info: PbfWriter): void {
  info.writeVarintField(1, isSuccess ? 1 : 2);
  info.writeDoubleField(2, ended);
}

function record(data: Uint8Array): Uint8Array {
  const bytes = Buffer.alloc(data.length + around);
  bytes.set(data, head);
  frame(bytes, 0, data.length);
  return bytes;
}
