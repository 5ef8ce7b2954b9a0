import { mkdtemp, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { csvField, csvLine, openCsv } from './csv.ts';

/** A reader of one record, straight from the grammar of RFC 4180. */
function fields(line: string): string[] {
  const found: string[] = [];
  let rest = line.replace(/\r\n$/, '');
  for (;;) {
    const match = rest.startsWith('"') ? /^"((?:[^"]|"")*)"/.exec(rest) : /^[^,"\r\n]*/.exec(rest);
    if (!match) throw new Error(`not a field: ${rest}`);
    found.push((match[1] ?? match[0]).replaceAll('""', '"'));
    rest = rest.slice(match[0].length);
    if (rest === '') return found;
    if (!rest.startsWith(',')) throw new Error(`no comma: ${rest}`);
    rest = rest.slice(1);
  }
}

describe('CSV', () => {
  it('quotes what has to be quoted, and nothing else', () => {
    expect(['plain', 'a,b', 'say "hi"', 'two\nlines', ' spaces ', null, true, 0.1, 1e-7].map(csvField)).toEqual([
      'plain',
      '"a,b"',
      '"say ""hi"""',
      '"two\nlines"',
      ' spaces ',
      '',
      'true',
      '0.1',
      '1e-7',
    ]);
  });

  it('reads back the same, whatever the text', () => {
    fc.assert(
      fc.property(
        fc.array(fc.string({ unit: fc.constantFrom('a', 'ü', ',', '"', '\r', '\n', ' '), maxLength: 8 }), {
          minLength: 1,
          maxLength: 6,
        }),
        (cells) => {
          expect(fields(csvLine(cells))).toEqual(cells);
        },
      ),
    );
  });

  it('has a header, and a record for each row', async () => {
    const file = join(await mkdtemp(join(tmpdir(), 'thalweg-export-')), 'table.csv');
    const table = await openCsv(file, [
      { name: 'trial', type: 'text' },
      { name: 'loss', type: 'number' },
    ]);
    await table.write([['a', 0.5]]);
    await table.write([]);
    await table.write([
      ['b', null],
      ['c', 2],
    ]);
    await table.close();
    expect(await readFile(file, 'utf8')).toBe('trial,loss\r\na,0.5\r\nb,\r\nc,2\r\n');
  });
});
