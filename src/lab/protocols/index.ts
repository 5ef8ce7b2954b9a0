import { checkKind, type GivenKind, refusal } from '../check-options.ts';
import type { ProtocolPlan } from '../plan.ts';
import { RaceError, unknownName } from '../race-error.ts';
import { coordinateDescentAtScales } from './coordinate-descent.ts';
import { equalBudget } from './equal-budget.ts';
import { oneForAll } from './one-for-all.ts';
import type { Protocol } from './protocol.ts';
import { timeToTargetProtocol } from './time-to-target.ts';

/** Every protocol. A new one is a file and a line. */
export const protocols: readonly Protocol[] = [equalBudget, coordinateDescentAtScales, timeToTargetProtocol, oneForAll];

/** RaceError for a kind that no protocol has. */
export function getProtocol(kind: string): Protocol {
  const found = protocols.find((protocol) => protocol.kind === kind);
  if (!found) {
    const names = protocols.map((protocol) => protocol.kind);
    throw new RaceError(unknownName('protocol', kind, names));
  }
  return found;
}

/**
 * Checks what a race gives, a name or `{ kind, ...options }`, and fills in the defaults; a plan stays as it is. RaceError names what is
 * wrong: 'protocol.tuner.eta is 1; it must be at least 2'.
 */
export function protocolPlan(given: GivenKind): ProtocolPlan {
  const checked = checkKind('protocol', protocols, given);
  if ('value' in checked) return checked.value;
  throw refusal('protocol', checked.issues);
}
