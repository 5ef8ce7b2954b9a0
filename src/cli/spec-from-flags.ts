import { z } from 'zod';
import { getProtocol } from '../lab/protocols/index.ts';
import type { ProtocolOptions, RaceSpec } from '../lab/race-spec.ts';
import { getTuner } from '../lab/tuners/index.ts';
import type { EngineName } from '../runtime/engine.ts';
import { type Budget, defaultOptimizers, defaultTask, fullBudget, quickBudget } from './defaults.ts';
import { UsageError } from './errors.ts';
import { checkTask, competitorsOf, protocolOf, tunerOf } from './names.ts';

/** What a command line says of a race. */
export interface RaceFlags {
  readonly task?: readonly string[];
  readonly optimizers?: readonly string[];
  readonly protocol?: string;
  readonly tuner?: string;
  readonly trials?: number;
  readonly tuneSteps?: number;
  readonly seeds?: number;
  readonly steps?: number;
  readonly evaluations?: number;
  readonly seed?: number;
  readonly engine?: EngineName;
  readonly quick?: boolean;
}

/** With a race file these may be given too, and go before what it says; all else is said in the file. */
const beside = ['seeds', 'seed', 'engine'] as const;

const flagNames: { readonly [K in keyof RaceFlags]-?: string } = {
  task: '--task',
  optimizers: '--optimizers',
  protocol: '--protocol',
  tuner: '--tuner',
  trials: '--trials',
  tuneSteps: '--tune-steps',
  seeds: '--seeds',
  steps: '--steps',
  evaluations: '--evaluations',
  seed: '--seed',
  engine: '--engine',
  quick: '--quick',
};

/** A race file's race under the flags that may stand beside it; refuses the others. */
export function withFlags(race: RaceSpec, file: string, flags: RaceFlags): RaceSpec {
  const names = Object.keys(flagNames) as (keyof RaceFlags)[];
  const wrong = names.find((name) => flags[name] !== undefined && !beside.some((one) => one === name));
  if (wrong !== undefined) {
    const legal = beside.map((name) => flagNames[name]).join(', ');
    throw new UsageError(
      `${flagNames[wrong]} cannot be given with a race file: say it in ${file}; beside it go ${legal}`,
    );
  }
  const given = beside.flatMap((name) => (flags[name] === undefined ? [] : [[name, flags[name]]]));
  return { ...race, ...Object.fromEntries(given) };
}

/** The race that a command line describes, with the command line's defaults. */
export function specOf(flags: RaceFlags): RaceSpec {
  const budget = flags.quick ? quickBudget : fullBudget;
  const tasks = flags.task ?? [defaultTask];
  const optimizers = flags.optimizers ?? defaultOptimizers;
  if (tasks.length === 0) throw new UsageError('--task names none');
  if (optimizers.length === 0) throw new UsageError('--optimizers names none');
  for (const task of tasks) checkTask(task);
  const steps = flags.steps ?? budget.steps;
  return {
    tasks: tasks.map((task) => ({
      task,
      ...(steps !== undefined && { steps }),
      evaluations: flags.evaluations ?? budget.evaluations,
    })),
    competitors: competitorsOf(optimizers),
    protocol: protocolFrom(flags, budget),
    seeds: flags.seeds ?? budget.seeds,
    seed: flags.seed ?? 0,
    engine: flags.engine ?? 'auto',
  };
}

/**
 * Protocol and tuner. Where neither is named, the command line's budget holds; otherwise their own defaults do. `--trials` goes to the
 * tuner, or to a protocol that counts trials itself.
 */
function protocolFrom(flags: RaceFlags, budget: Budget): ProtocolOptions {
  const given = protocolOf(flags.protocol ?? 'equal-budget');
  const plain = flags.protocol === undefined && flags.tuner === undefined;
  const has = optionsOf(getProtocol(given.kind));
  const refuse = (flag: string): never => {
    throw new UsageError(`${flag} says nothing to the protocol ${given.kind}; its options are ${has.join(', ')}`);
  };
  const trials = flags.trials ?? (plain || flags.quick ? budget.trials : undefined);
  const tuneSteps = flags.tuneSteps ?? (plain ? budget.tuneShare : undefined);
  if (flags.tuner !== undefined && !has.includes('tuner')) refuse('--tuner');
  if (flags.tuneSteps !== undefined && !has.includes('tuneSteps')) refuse('--tune-steps');
  const protocol = { ...given, ...(tuneSteps !== undefined && { tuneSteps }) };
  if (trials === undefined && flags.tuner === undefined) return protocol;
  if (!has.includes('tuner')) {
    if (has.includes('trials')) return { ...protocol, trials };
    return flags.trials === undefined ? protocol : refuse('--trials');
  }
  const tuner = tunerOf(flags.tuner ?? 'quasi-random');
  if (!optionsOf(getTuner(tuner.kind)).includes('trials')) {
    if (flags.trials !== undefined) {
      const own = optionsOf(getTuner(tuner.kind)).join(', ');
      throw new UsageError(`--trials says nothing to the tuner ${tuner.kind}; its options are ${own}`);
    }
    return { ...protocol, tuner };
  }
  return { ...protocol, tuner: { ...tuner, ...(trials !== undefined && { trials }) } };
}

const optionsOf = ({ options }: { readonly options: z.ZodType }): readonly string[] =>
  options instanceof z.ZodObject ? Object.keys(options.shape) : [];
