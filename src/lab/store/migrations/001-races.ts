import type { Kysely } from 'kysely';
import type { Schema } from '../schema.ts';

/** Races, their trials, and the curves of those. */
export async function up(db: Kysely<Schema>): Promise<void> {
  await db.schema
    .createTable('versions')
    .addColumn('migration', 'text', (column) => column.primaryKey())
    .addColumn('thalweg', 'text', (column) => column.notNull())
    .addColumn('migrated', 'text', (column) => column.notNull())
    .execute();
  await db.schema
    .createTable('races')
    .addColumn('id', 'text', (column) => column.primaryKey())
    .addColumn('name', 'text', (column) => column.notNull())
    .addColumn('plan', 'text', (column) => column.notNull())
    .addColumn('machine', 'text', (column) => column.notNull())
    .addColumn('command', 'text')
    .addColumn('created', 'text', (column) => column.notNull())
    .addColumn('status', 'text', (column) => column.notNull())
    .addColumn('seconds', 'double precision', (column) => column.notNull())
    .execute();
  await db.schema
    .createTable('trials')
    .addColumn('race', 'text', (column) => column.notNull().references('races.id').onDelete('cascade'))
    .addColumn('trial', 'text', (column) => column.notNull())
    .addColumn('task', 'text', (column) => column.notNull())
    .addColumn('competitor', 'text', (column) => column.notNull())
    .addColumn('phase', 'text', (column) => column.notNull())
    .addColumn('place', 'integer', (column) => column.notNull())
    .addColumn('seed', 'bigint', (column) => column.notNull())
    .addColumn('plan', 'text', (column) => column.notNull())
    .addColumn('state', 'text', (column) => column.notNull())
    .addColumn('attempts', 'integer', (column) => column.notNull())
    .addColumn('worker', 'text', (column) => column.notNull())
    .addColumn('version', 'text', (column) => column.notNull())
    .addColumn('machine', 'text', (column) => column.notNull())
    .addColumn('started', 'text', (column) => column.notNull())
    .addColumn('ended', 'text')
    .addColumn('status', 'text')
    .addColumn('steps', 'bigint')
    .addColumn('loss', 'double precision')
    .addColumn('metric', 'double precision')
    .addColumn('test', 'double precision')
    .addColumn('seconds', 'double precision')
    .addColumn('error', 'text')
    .addColumn('outcome', 'text')
    .addPrimaryKeyConstraint('trials_primary_key', ['race', 'trial'])
    .execute();
  // The series comes before the trial, so that one series of a race is read in one go.
  await db.schema
    .createTable('curves')
    .addColumn('race', 'text', (column) => column.notNull().references('races.id').onDelete('cascade'))
    .addColumn('series', 'text', (column) => column.notNull())
    .addColumn('trial', 'text', (column) => column.notNull())
    .addColumn('points', 'text', (column) => column.notNull())
    .addPrimaryKeyConstraint('curves_primary_key', ['race', 'series', 'trial'])
    .execute();
}
