import { Socket } from 'node:net';
import { userInfo } from 'node:os';
import pg from 'pg';
import { passwordFromFile } from './pgpass.ts';

/** Milliseconds until a connection counts as lost. */
const connectTimeout = 10_000;

/**
 * Connections to a PostgreSQL, opened as they are needed. A network that swallows packets, and says nothing, is noticed all the same: a
 * connection on which nothing came or went for `answerSeconds` is closed, and with it fails the statement that waits for an answer.
 */
export function openPool(address: string, max: number, answerSeconds: number, types?: pg.CustomTypesConfig): pg.Pool {
  pg.defaults.user ||= userName();
  const pool = new pg.Pool({
    Client,
    connectionString: address,
    application_name: 'thalweg',
    max,
    connectionTimeoutMillis: connectTimeout,
    // Not pg's query_timeout: it leaves the connection open, and the next statement waits behind the one that gets no answer.
    stream: () => impatientSocket(answerSeconds),
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

function impatientSocket(seconds: number): Socket {
  const socket = new Socket();
  return socket.setTimeout(1000 * seconds, () => {
    socket.destroy(Object.assign(new Error(`no answer for ${seconds} s`), { code: 'ETIMEDOUT' }));
  });
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
