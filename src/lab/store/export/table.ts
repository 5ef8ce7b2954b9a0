/** Tables as files: rows go in as they come, and none is kept longer than its file format needs. */

export type Cell = string | number | boolean | null;

export interface Column {
  readonly name: string;
  readonly type: 'text' | 'integer' | 'number' | 'boolean';
}

export interface TableWriter {
  write(rows: readonly (readonly Cell[])[]): Promise<void>;
  close(): Promise<void>;
}

/** Opens a file for a table of these columns, overwriting it. */
export type OpenTable = (file: string, columns: readonly Column[]) => Promise<TableWriter>;
