import { createInterface } from 'node:readline';
import { type Loaded, type Peer, Unsupported } from './peers/peer.ts';
import type { Answer, Request } from './protocol.ts';
import { readWorkload } from './workloads/read.ts';

// The peer's side of the protocol, for peers in TypeScript: node --conditions=thalweg-source bench/serve.ts <peer>

async function timed(work: () => void | Promise<void>): Promise<number> {
  const start = performance.now();
  const pending = work();
  // A step that is complete when it returns needs no turn of the event loop.
  if (pending) await pending;
  return performance.now() - start;
}

/** Answers one request after the other on the workload that was loaded last. */
function server(peer: Peer): (request: Request) => Promise<Answer> {
  let loaded: Loaded | undefined;
  const current = (): Loaded => {
    if (!loaded) throw new Error('no workload is loaded');
    return loaded;
  };
  return async (request) => {
    switch (request.do) {
      case 'name':
        return { name: peer.name };
      case 'load': {
        loaded?.dispose();
        loaded = undefined;
        const workload = readWorkload(request.workload);
        const compile = await timed(async () => {
          loaded = await peer.load(workload);
        });
        return { compile, first: await timed(() => current().run(1)) };
      }
      case 'run':
        return { ms: await timed(() => current().run(request.steps)) };
      case 'check':
        return { value: await current().check() };
      case 'memory':
        return { resident: process.memoryUsage.rss(), peak: process.resourceUsage().maxRSS * 1024 };
      case 'end':
        process.exit(0);
    }
  };
}

/** What fails is an answer too: the process goes on with the next request. */
async function attempt(answer: (request: Request) => Promise<Answer>, request: Request): Promise<Answer> {
  try {
    return await answer(request);
  } catch (error) {
    if (error instanceof Unsupported) return { unsupported: error.message };
    return { error: error instanceof Error ? (error.stack ?? error.message) : String(error) };
  }
}

// Libraries write to the console as they like; standard output belongs to the protocol.
const say = process.stdout.write.bind(process.stdout);
console.log = console.info = console.debug = console.error;

const { peer } = (await import(`./peers/${process.argv[2]}/index.ts`)) as { peer: Peer };
const answer = server(peer);
for await (const line of createInterface({ input: process.stdin })) {
  say(`${JSON.stringify(await attempt(answer, JSON.parse(line) as Request))}\n`);
}
