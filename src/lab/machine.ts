import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { availableParallelism, cpus, totalmem } from 'node:os';

/** Where a race ran: without it, its times mean nothing. */
export interface Machine {
  readonly cpu: string;
  readonly cores: number;
  readonly memoryGiB: number;
  readonly platform: string;
  readonly versions: Readonly<Record<string, string>>;
}

export const describeMachine = (): Machine => ({
  cpu: cpus()[0]?.model.trim() ?? 'unknown',
  cores: availableParallelism(),
  memoryGiB: Math.round(totalmem() / 2 ** 30),
  platform: `${process.platform} ${process.arch}`,
  versions: {
    thalweg: ownVersion(),
    node: process.versions.node,
    'onnxruntime-node': installedVersion('onnxruntime-node'),
    binaryen: installedVersion('binaryen'),
  },
});

const readVersion = (url: string | URL): string => {
  const { version } = JSON.parse(readFileSync(url, 'utf8')) as { version?: string };
  return version ?? 'unknown';
};

/** The same two folders up from src/lab and from dist/lab. */
export const ownVersion = (): string => readVersion(new URL('../../package.json', import.meta.url));

function installedVersion(name: string): string {
  const require = createRequire(import.meta.url);
  const folder = require.resolve.paths(name)?.find((path) => {
    try {
      readFileSync(`${path}/${name}/package.json`);
      return true;
    } catch {
      return false;
    }
  });
  return folder ? readVersion(`${folder}/${name}/package.json`) : 'not installed';
}
