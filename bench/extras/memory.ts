import { PeerError, type PeerProcess } from '../peer.ts';
import type { MemoryRow } from '../result.ts';

/** Peak memory of a process that loads one workload, takes a few steps, and does nothing else; null where the peer has no form of it. */
export async function memoryOf(
  peer: PeerProcess,
  workload: string,
  path: string,
  seconds: number,
): Promise<MemoryRow | null> {
  const row = { workload, peer: peer.spec.id };
  try {
    await peer.ask({ do: 'load', workload: path }, seconds);
    await peer.ask({ do: 'run', steps: 2 }, seconds);
    return { ...row, peak: (await peer.ask({ do: 'memory' }, seconds)).peak };
  } catch (error) {
    if (!(error instanceof PeerError)) throw error;
    return error.kind === 'unsupported' ? null : { ...row, note: error.message.split('\n')[0] };
  } finally {
    peer.end();
  }
}
