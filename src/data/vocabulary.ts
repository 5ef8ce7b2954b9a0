import { DataError } from './array-dataset.ts';

/** A fixed set of characters and their numbers. */
export interface Vocabulary {
  readonly size: number;
  /** The characters in the order of their numbers. */
  readonly characters: string;
  /** Numbers of a text whose characters all belong to the vocabulary. */
  encode(text: string): Uint8Array;
  decode(symbols: ArrayLike<number>): string;
}

/** At most 255 different characters of the Basic Multilingual Plane; the place of each is its number. */
export function vocabulary(characters: string): Vocabulary {
  const unknown = 255;
  const codes = new Uint8Array(65536).fill(unknown);
  for (let i = 0; i < characters.length; i++) {
    if (codes[characters.charCodeAt(i)] !== unknown) throw new DataError(`vocabulary: '${characters[i]}' comes twice`);
    codes[characters.charCodeAt(i)] = i;
  }
  if (characters.length > unknown) throw new DataError(`vocabulary: ${characters.length} characters, at most 255 fit`);
  return {
    size: characters.length,
    characters,
    encode(text) {
      const symbols = new Uint8Array(text.length);
      for (let i = 0; i < text.length; i++) {
        const code = codes[text.charCodeAt(i)];
        if (code === unknown) {
          throw new DataError(`vocabulary: character ${JSON.stringify(text[i])} at ${i} is not in the vocabulary`);
        }
        symbols[i] = code;
      }
      return symbols;
    },
    decode(symbols) {
      let text = '';
      for (let i = 0; i < symbols.length; i++) text += characters[symbols[i]];
      return text;
    },
  };
}
