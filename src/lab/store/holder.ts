import { readFileSync, readlinkSync } from 'node:fs';
import { hostname } from 'node:os';

/** A process that holds a race, such that others can tell whether it still lives. */
export interface Holder {
  readonly host: string;
  readonly pid: number;
  /** Two processes see each other's numbers when they have this in common: the same boot of one machine, and the same container. */
  readonly space: string;
  /** When the process began, in ticks since the machine started: numbers of processes are used again. Empty where that is unknown. */
  readonly life: string;
}

export const thisProcess = (): Holder => ({
  host: hostname(),
  pid: process.pid,
  space: spaceOfProcesses(),
  life: lifeOf(process.pid) ?? '',
});

export const nameOf = ({ host, pid }: Pick<Holder, 'host' | 'pid'>): string => `${host}:${pid}`;

/** Is it certain that this process is no more? */
export const isGone = ({ space, pid, life }: Holder): boolean => space === spaceOfProcesses() && lifeOf(pid) !== life;

function spaceOfProcesses(): string {
  if (process.platform !== 'linux') return hostname();
  const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
  return `${boot} ${readlinkSync('/proc/self/ns/pid')}`;
}

/** Null when there is no such process; one that died and that its parent has not asked for yet is none. */
function lifeOf(pid: number): string | null {
  if (process.platform === 'linux') {
    try {
      // proc(5): the name of the program, in parentheses, may hold anything; the state is field 3, the start field 22.
      const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(')').at(-1)?.trim().split(' ') ?? [];
      return fields[0] === 'Z' || fields[0] === 'X' ? null : fields[19];
    } catch {
      return null;
    }
  }
  try {
    process.kill(pid, 0);
    return '';
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM' ? '' : null;
  }
}
