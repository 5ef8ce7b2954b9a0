import { type ColumnSource, fileWriter, ParquetWriter, schemaFromColumnData } from 'hyparquet-writer';
import { type Cell, isList, type OpenTable } from './table.ts';

/** Rows of a row group: what is held in memory at most. */
const groupRows = 50_000;

const types = { text: 'STRING', integer: 'INT64', number: 'DOUBLE', boolean: 'BOOLEAN' } as const;

/** Apache Parquet, compressed with Snappy. Every column may hold nulls; integers are of 64 bits. */
export const openParquet: OpenTable = async (file, columns) => {
  let waiting: (Cell | bigint)[][] = columns.map(() => []);
  const columnData = (): ColumnSource[] =>
    columns.map(({ name, type }, j) => ({ name, type: types[type], data: waiting[j] }));
  const schema = schemaFromColumnData({ columnData: columnData() });
  const writer = new ParquetWriter({ writer: fileWriter(file), schema, createdBy: 'thalweg' });
  const flush = async (): Promise<void> => {
    if (waiting[0].length > 0) await writer.write({ columnData: columnData(), rowGroupSize: groupRows });
    waiting = columns.map(() => []);
  };
  return {
    async write({ rows, columns: given }) {
      for (const [j, column] of given.entries()) {
        const own = waiting[j];
        const wide = columns[j].type === 'integer';
        if (!isList(column)) {
          const cell = wide ? widened(column) : column;
          for (let i = 0; i < rows; i++) own.push(cell);
        } else if (wide) for (const cell of column) own.push(widened(cell));
        else for (const cell of column) own.push(cell);
      }
      if (waiting[0].length >= groupRows) await flush();
    },
    async close() {
      await flush();
      await writer.finish();
    },
  };
};

const widened = (cell: Cell): Cell | bigint => (cell === null ? null : BigInt(Number(cell)));
