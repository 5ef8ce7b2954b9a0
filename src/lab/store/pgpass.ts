import { existsSync, readFileSync, statSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { LabError } from './lab.ts';

/** What a connection is known by. */
export interface Connection {
  /** A name, an address, or the folder of a socket. */
  readonly host: string;
  readonly port: number;
  readonly database?: string;
  readonly user?: string;
}

/**
 * The password for a connection in ~/.pgpass, or the file that PGPASSFILE names; undefined when it has none
 * (postgresql.org/docs/current/libpq-pgpass.html). LabError when others may read the file.
 */
export function passwordFromFile({ host, port, database, user }: Connection): string | undefined {
  const file = process.env.PGPASSFILE || defaultFile();
  if (!existsSync(file)) return undefined;
  if (process.platform !== 'win32' && (statSync(file).mode & 0o077) !== 0) {
    throw new LabError(`${file} is not used, for others may read it: chmod 600 ${file}`);
  }
  const hosts = host.startsWith('/') ? [host, 'localhost'] : [host];
  const wanted = [hosts, [String(port)], [database], [user]];
  for (const line of readFileSync(file, 'utf8').split(/\r?\n/)) {
    if (line.startsWith('#')) continue;
    // A colon or a backslash that belongs to a field is written behind a backslash.
    const fields = [...line.matchAll(/((?:\\.|[^:\\])*)(?::|$)/g)].map(([, field]) => field.replaceAll(/\\(.)/g, '$1'));
    const password = fields[wanted.length];
    if (!password) continue;
    if (wanted.every((legal, i) => fields[i] === '*' || legal.includes(fields[i]))) return password;
  }
  return undefined;
}

const defaultFile = (): string =>
  process.platform === 'win32'
    ? join(process.env.APPDATA ?? homedir(), 'postgresql', 'pgpass.conf')
    : join(homedir(), '.pgpass');
