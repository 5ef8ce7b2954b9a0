import { type ColumnSource, fileWriter, ParquetWriter, schemaFromColumnData } from 'hyparquet-writer';
import type { Cell, Column, OpenTable } from './table.ts';

/** Rows of a row group: what is held in memory at most. */
const groupRows = 50_000;

const types = { text: 'STRING', integer: 'INT64', number: 'DOUBLE', boolean: 'BOOLEAN' } as const;

const columnData = (columns: readonly Column[], rows: readonly (readonly Cell[])[]): ColumnSource[] =>
  columns.map(({ name, type }, j) => ({
    name,
    type: types[type],
    data: rows.map((row) => (type === 'integer' && row[j] !== null ? BigInt(Number(row[j])) : row[j])),
  }));

/** Apache Parquet, compressed with Snappy. Every column may hold nulls; integers are of 64 bits. */
export const openParquet: OpenTable = async (file, columns) => {
  const schema = schemaFromColumnData({ columnData: columnData(columns, []) });
  const writer = new ParquetWriter({ writer: fileWriter(file), schema, createdBy: 'thalweg' });
  let waiting: (readonly Cell[])[] = [];
  const flush = async (): Promise<void> => {
    const rows = waiting;
    waiting = [];
    if (rows.length > 0) await writer.write({ columnData: columnData(columns, rows), rowGroupSize: groupRows });
  };
  return {
    async write(rows) {
      for (const row of rows) waiting.push(row);
      if (waiting.length >= groupRows) await flush();
    },
    async close() {
      await flush();
      await writer.finish();
    },
  };
};
