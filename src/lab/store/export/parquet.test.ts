import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { asyncBufferFromFile, parquetMetadataAsync, parquetReadObjects } from 'hyparquet';
import { describe, expect, it } from 'vitest';
import { openParquet } from './parquet.ts';
import type { Cell, Column } from './table.ts';

const columns: readonly Column[] = [
  { name: 'trial', type: 'text' },
  { name: 'seed', type: 'integer' },
  { name: 'loss', type: 'number' },
  { name: 'nesterov', type: 'boolean' },
];

const blockOf = (rows: readonly (readonly Cell[])[]) => ({
  rows: rows.length,
  columns: columns.map((_, j) => rows.map((row) => row[j])),
});

async function roundTrip(rows: readonly (readonly Cell[])[], pieces = 1) {
  const file = join(await mkdtemp(join(tmpdir(), 'thalweg-export-')), 'table.parquet');
  const table = await openParquet(file, columns);
  const size = Math.ceil(rows.length / pieces);
  for (let i = 0; i < pieces; i++) await table.write(blockOf(rows.slice(i * size, (i + 1) * size)));
  await table.close();
  const buffer = await asyncBufferFromFile(file);
  return { metadata: await parquetMetadataAsync(buffer), rows: await parquetReadObjects({ file: buffer }) };
}

describe('Parquet', () => {
  it('reads back the same, nulls and special numbers and all', async () => {
    const { rows } = await roundTrip([
      ['mnist-mlp/adamw/tune/0', 2 ** 40, 0.1, true],
      ['ü "quoted", 数', null, Number.POSITIVE_INFINITY, null],
      [null, -1, null, false],
    ]);
    expect(rows).toEqual([
      { trial: 'mnist-mlp/adamw/tune/0', seed: 2n ** 40n, loss: 0.1, nesterov: true },
      { trial: 'ü "quoted", 数', seed: null, loss: Number.POSITIVE_INFINITY, nesterov: null },
      { trial: null, seed: -1n, loss: null, nesterov: false },
    ]);
  });

  it('is written in groups of rows, so that a large table does not have to fit into memory', async () => {
    const rows = Array.from({ length: 55_000 }, (_, i): Cell[] => [`trial ${i % 7}`, i, i / 8, i % 2 === 0]);
    const { metadata, rows: read } = await roundTrip(rows, 55);
    expect(metadata.row_groups.map(({ num_rows }) => num_rows)).toEqual([50_000n, 5_000n]);
    expect(read).toHaveLength(55_000);
    expect(read[54_999]).toEqual({
      trial: `trial ${54_999 % 7}`,
      seed: 54_999n,
      loss: 54_999 / 8,
      nesterov: false,
    });
  });

  it('repeats a cell that all rows of a block have', async () => {
    const file = join(await mkdtemp(join(tmpdir(), 'thalweg-export-')), 'table.parquet');
    const table = await openParquet(file, columns);
    await table.write({ rows: 2, columns: ['a', 3, [0.5, 0.25], null] });
    await table.close();
    expect(await parquetReadObjects({ file: await asyncBufferFromFile(file) })).toEqual([
      { trial: 'a', seed: 3n, loss: 0.5, nesterov: null },
      { trial: 'a', seed: 3n, loss: 0.25, nesterov: null },
    ]);
  });

  it('has its columns without rows too', async () => {
    const { metadata, rows } = await roundTrip([]);
    expect(rows).toEqual([]);
    expect(metadata.schema.slice(1).map(({ name }) => name)).toEqual(['trial', 'seed', 'loss', 'nesterov']);
  });
});
