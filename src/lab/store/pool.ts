import { userInfo } from 'node:os';
import pg from 'pg';
import { passwordFromFile } from './pgpass.ts';

/** Milliseconds until a connection counts as lost. */
const connectTimeout = 10_000;

/**
 * Connections to a PostgreSQL, opened as they are needed. A network that swallows packets, and says nothing, is noticed all the same: a
 * statement fails after `answerSeconds`.
 */
export function openPool(address: string, max: number, answerSeconds: number, types?: pg.CustomTypesConfig): pg.Pool {
  pg.defaults.user ||= userName();
  const pool = new pg.Pool({
    Client,
    connectionString: address,
    application_name: 'thalweg',
    max,
    connectionTimeoutMillis: connectTimeout,
    query_timeout: 1000 * answerSeconds,
    keepAlive: true,
    keepAliveInitialDelayMillis: connectTimeout,
    types,
  });
  // A connection that breaks is replaced when the next statement needs one; a statement under way fails by itself. Connections speak up
  // besides, more than once, and an error event that nobody hears would end the process.
  pool.on('error', () => {});
  pool.on('connect', (client) => client.on('error', () => {}));
  return pool;
}

/** Takes the password from ~/.pgpass when neither address nor environment has one. */
class Client extends pg.Client {
  constructor(config?: string | pg.ClientConfig) {
    super(config);
    // What is a function is called when the server asks for a password.
    const value = () => passwordFromFile(this);
    if (!this.password) Object.defineProperty(this, 'password', { value, writable: true });
  }
}

/** Who connects when neither address nor environment say it: as psql has it. Services and containers have no USER. */
function userName(): string | undefined {
  try {
    return userInfo().username;
  } catch {
    // A container may run as a number that has no name.
    return undefined;
  }
}
