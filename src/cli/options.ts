import { type Command, InvalidArgumentError, Option } from 'commander';
import { nearest } from './errors.ts';

/** What several commands' options have in common. */

export const engines = ['auto', 'onnx', 'wasm', 'reference'];

export const wholeNumber =
  (least: number) =>
  (text: string): number => {
    const value = Number(text);
    if (text.trim() !== '' && Number.isSafeInteger(value) && value >= least) return value;
    throw new InvalidArgumentError(`It must be a whole number from ${least}.`);
  };

export function engineName(text: string): string {
  if (engines.includes(text)) return text;
  const near = nearest(text, engines);
  throw new InvalidArgumentError(near ? `Did you mean '${near}'?` : `It must be one of ${engines.join(', ')}.`);
}

const units: Readonly<Record<string, number>> = { '': 1, K: 2 ** 10, M: 2 ** 20, G: 2 ** 30, T: 2 ** 40 };

/** '800M', '1.5GiB': bytes. */
export function byteCount(text: string): number {
  const match = /^(\d+(?:\.\d+)?)\s*([KMGT]?)(?:i?B)?$/i.exec(text.trim());
  const bytes = match ? Math.round(Number(match[1]) * units[match[2].toUpperCase()]) : 0;
  if (bytes > 0) return bytes;
  throw new InvalidArgumentError('It must be an amount of memory, as in 800M or 2G.');
}

/** Splits at commas outside brackets: 'adamw,sgd[momentum=0.9,nesterov=true]' is two. */
export function splitList(text: string): string[] {
  const parts: string[] = [''];
  let depth = 0;
  for (const character of text) {
    if ('([{'.includes(character)) depth++;
    if (')]}'.includes(character)) depth--;
    if (character === ',' && depth === 0) parts.push('');
    else parts[parts.length - 1] += character;
  }
  return parts.map((part) => part.trim()).filter((part) => part !== '');
}

/** An option that is a list: comma-separated, or given several times. */
export const listOf = (text: string, before: readonly string[] = []): readonly string[] => [
  ...before,
  ...splitList(text),
];

export const examples = (...lines: readonly string[]): string =>
  `\nExamples:\n${lines.map((line) => `  $ ${line}`).join('\n')}\n`;

/** Where a lab is when nobody says: in the working folder. */
export const defaultLab = (): string => process.env.THALWEG_LAB || 'lab.sqlite';

export const addLabOption = (command: Command): Command =>
  command.option('--lab <where>', 'the lab: a file, or a postgres:// address (default: $THALWEG_LAB, or lab.sqlite)');

/** How a race runs, whatever it consists of; the same for `race` and `resume`. */
export const addRunOptions = (command: Command): Command =>
  addLabOption(
    command.option(
      '-j, --jobs <n>',
      'trials at once here (default: one for each core; none with --queue)',
      wholeNumber(0),
    ),
  )
    .option('--queue <address>', 'hand trials to `thalweg worker` processes by this postgres:// database')
    .addOption(
      new Option('--memory-limit <size>', 'of one trial, as in 800M or 2G; one that takes more is ended').argParser(
        byteCount,
      ),
    )
    .option('--report <file>', 'where the report goes (default: reports/<race id>.html)')
    .option('--quiet', 'nothing but the final table')
    .option('--json', 'a JSON object for each event, one a line, and the result last');
