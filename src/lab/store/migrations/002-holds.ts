import type { Kysely } from 'kysely';
import type { Schema } from '../schema.ts';

/** Who runs a race, so that nobody else does; and an index that counts the trials of all races without reading them. */
export async function up(db: Kysely<Schema>): Promise<void> {
  await db.schema
    .createTable('holds')
    .addColumn('race', 'text', (column) => column.primaryKey().references('races.id').onDelete('cascade'))
    .addColumn('token', 'text', (column) => column.notNull())
    .addColumn('host', 'text', (column) => column.notNull())
    .addColumn('pid', 'integer', (column) => column.notNull())
    .addColumn('space', 'text', (column) => column.notNull())
    .addColumn('life', 'text', (column) => column.notNull())
    .addColumn('since', 'bigint', (column) => column.notNull())
    .addColumn('renewed', 'bigint', (column) => column.notNull())
    .addColumn('expires', 'bigint', (column) => column.notNull())
    .execute();
  await db.schema.createIndex('trials_by_status').on('trials').columns(['race', 'state', 'status']).execute();
}
