import { connect, createServer, type Socket } from 'node:net';

/** A network between a server and those who use it, which can fail. */
export interface Network {
  readonly port: number;
  /** Connections break, and new ones are refused at once. */
  cut(): void;
  mend(): void;
  /** What is sent on the connections that there are vanishes, and nobody is told, as if a router had forgotten them. New ones are sound. */
  forget(): void;
  close(): Promise<void>;
}

/** Passes connections on to a port of this machine. */
export async function startNetwork(to: number): Promise<Network> {
  const open = new Set<Socket>();
  let whole = true;
  const server = createServer((near) => {
    if (!whole) {
      near.resetAndDestroy();
      return;
    }
    const far = connect(to, '127.0.0.1');
    for (const socket of [near, far]) {
      open.add(socket);
      socket.on('error', () => {});
      socket.on('close', () => {
        open.delete(socket);
        near.destroy();
        far.destroy();
      });
    }
    near.pipe(far).pipe(near);
  });
  const breakAll = () => {
    for (const socket of open) socket.resetAndDestroy();
  };
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the network has no port');
  return {
    port: address.port,
    cut() {
      whole = false;
      breakAll();
    },
    mend() {
      whole = true;
    },
    forget() {
      for (const socket of open) socket.unpipe().pause();
    },
    close() {
      breakAll();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}

/** The same address by way of another port. */
export function byPort(address: string, port: number): string {
  const url = new URL(address);
  url.port = String(port);
  return url.href;
}
