/** Tables as files: rows go in as they come, and none is kept longer than its file format needs. */

export type Cell = string | number | boolean | null;

export interface Column {
  readonly name: string;
  readonly type: 'text' | 'integer' | 'number' | 'boolean';
}

/** Rows by column: a cell for each of them, or one that they all have. Millions of points go in so without a list for each. */
export interface Block {
  readonly rows: number;
  readonly columns: readonly (Cell | readonly Cell[])[];
}

export const isList = (column: Block['columns'][number]): column is readonly Cell[] => Array.isArray(column);

export interface TableWriter {
  write(block: Block): Promise<void>;
  close(): Promise<void>;
}

/** Opens a file for a table of these columns, overwriting it. */
export type OpenTable = (file: string, columns: readonly Column[]) => Promise<TableWriter>;
