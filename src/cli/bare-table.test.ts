import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { bareTable, generalTable } from './bare-table.ts';

const word = fc.string({ unit: fc.constantFrom(...'abc 123.%±–−×…'), maxLength: 8 });
const painted = fc
  .tuple(fc.constantFrom(['\x1b[1m', '\x1b[22m'], ['\x1b[32m', '\x1b[39m']), word)
  .map(([[start, end], text]) => `${start}${text || '-'}${end}`);
const heading = fc.array(word, { minLength: 1, maxLength: 3 }).map((lines) => lines.join('\n'));
const wide = fc.constantFrom('最適化', '🙂 sgd', '\x1b[1mbold\x1b[22m and plain');

const tableOf = (cell: fc.Arbitrary<string>) =>
  fc.integer({ min: 1, max: 4 }).chain((columns) => {
    const row = fc.array(cell, { minLength: columns, maxLength: columns });
    return fc.record({
      head: fc.array(heading, { minLength: columns, maxLength: columns }),
      colAligns: fc.array(fc.constantFrom('left' as const, 'right' as const), {
        minLength: columns,
        maxLength: columns,
      }),
      rows: fc.array(row, { minLength: 1, maxLength: 4 }),
    });
  });

describe('a table without lines', () => {
  test('is the same by the short way as by the long one', () => {
    for (const cell of [fc.oneof(word, painted), fc.oneof(word, painted, wide)]) {
      fc.assert(
        fc.property(tableOf(cell), ({ rows, ...options }) => {
          expect(bareTable(rows, options)).toBe(generalTable(rows, options));
        }),
      );
    }
  });

  test('sets columns apart by two spaces, numbers at the right', () => {
    const table = bareTable(
      [
        ['adamw', '1.5'],
        ['sgd', '12'],
      ],
      { head: ['name', 'loss\nat end'], colAligns: ['left', 'right'] },
    );
    expect(table.split('\n')).toEqual(['name     loss', '       at end', 'adamw     1.5', 'sgd        12']);
  });
});
