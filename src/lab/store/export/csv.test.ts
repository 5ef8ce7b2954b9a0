import { mkdtemp, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { csvField, csvText, openCsv } from './csv.ts';

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
          expect(fields(csvText({ rows: 1, columns: cells }))).toEqual(cells);
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
    await table.write({ rows: 1, columns: ['a', 0.5] });
    await table.write({ rows: 0, columns: ['nobody', []] });
    await table.write({
      rows: 2,
      columns: [
        ['b', 'c'],
        [null, 2],
      ],
    });
    await table.write({ rows: 2, columns: [['d', 'e'], 3] });
    await table.write({ rows: 2, columns: ['f, g', [4, 5]] });
    await table.close();
    expect(await readFile(file, 'utf8')).toBe(
      ['trial,loss', 'a,0.5', 'b,', 'c,2', 'd,3', 'e,3', '"f, g",4', '"f, g",5', ''].join('\r\n'),
    );
  });
});
