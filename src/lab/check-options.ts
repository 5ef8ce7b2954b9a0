import { z } from 'zod';
import { RaceError, unknownName } from './race-error.ts';

/** What is wrong with an option: where it is, and the rest of a sentence that begins with its name (after a colon, where it has one). */
export interface OptionIssue {
  readonly path: readonly PropertyKey[];
  readonly message: string;
}

/** What a schema made of what was given, or all that is wrong with it. */
export type Checked<T> = { readonly value: T } | { readonly issues: readonly OptionIssue[] };

/** Checks options; says of each wrong one what it is and what it must be. */
export function checkOptions<T>(schema: z.ZodType<T>, given: unknown): Checked<T> {
  const parsed = schema.safeParse(given, { error: (issue) => sentence(issue, schema) });
  if (parsed.success) return { value: parsed.data };
  return { issues: parsed.error.issues.map(({ path, message }) => ({ path, message })) };
}

/** The same, refusing by RaceError: 'protocol.tuner.eta is 1; it must be at least 2'. */
export function optionsOf<T>(at: string, schema: z.ZodType<T>, given: unknown): T {
  const checked = checkOptions(schema, given);
  if ('value' in checked) return checked.value;
  throw refusal(at, checked.issues);
}

/** One line for each issue: 'protocol.tuner.eta is 1; it must be at least 2', 'protocol: there is no option ...'. */
export const refusal = (at: string, issues: readonly OptionIssue[]): RaceError =>
  new RaceError(
    issues
      .map(({ path, message }) => `${pathText(at, path)}${message.startsWith(':') ? '' : ' '}${message}`)
      .join('\n'),
  );

/** 'protocol' and ['tuner', 'eta'] are 'protocol.tuner.eta'; a number is a place in a list. */
const pathText = (at: string, path: readonly PropertyKey[]): string =>
  path.reduce<string>((text, key) => (typeof key === 'number' ? `${text}[${key}]` : `${text}.${String(key)}`), at);

const kinds: Readonly<Record<string, string>> = {
  int: 'a whole number',
  number: 'a finite number',
  string: 'a text',
  boolean: 'true or false',
  array: 'a list',
  object: 'an object',
  record: 'an object',
};

/** How a value is shown in a message. */
const shown = (value: unknown): string => {
  if (value === undefined) return 'missing';
  return typeof value === 'string' ? `'${value}'` : typeof value === 'object' ? JSON.stringify(value) : String(value);
};

function sentence(issue: z.core.$ZodRawIssue, schema: z.ZodType): string | undefined {
  const is = `is ${shown(issue.input)}; it must be`;
  const sized = (bound: string): string =>
    'origin' in issue && (issue.origin === 'array' || issue.origin === 'string')
      ? `is ${shown(issue.input)}; its length must be ${bound}`
      : `${is} ${bound}`;
  switch (issue.code) {
    case 'invalid_type':
      return `${is} ${kinds[issue.expected] ?? issue.expected}`;
    case 'too_small':
      return sized(`${issue.inclusive ? 'at least' : 'more than'} ${issue.minimum}`);
    case 'too_big':
      return sized(`${issue.inclusive ? 'at most' : 'less than'} ${issue.maximum}`);
    case 'invalid_value':
      return `${is} ${issue.values.map(shown).join(' or ')}`;
    case 'unrecognized_keys':
      return `: ${issue.keys.map((key) => unknownName('option', key, optionNames(issue.inst ?? schema))).join('; ')}`;
    default:
      return undefined;
  }
}

const optionNames = (schema: unknown): readonly string[] =>
  schema instanceof z.ZodObject ? Object.keys(schema.shape) : [];

/** Something that has a kind and options: a protocol, a tuner. */
export interface Kind<Options = unknown> {
  readonly kind: string;
  readonly options: z.ZodType<Options>;
}

/** A kind and its options, complete: plain data. */
export interface KindPlan {
  readonly kind: string;
  readonly options: unknown;
}

/** A kind's name, that and its options as a file gives them, or a plan. */
export type GivenKind = string | { readonly kind: string; readonly [option: string]: unknown };

/** Checks what was given for one of several kinds and completes it. What is complete already stays as it is. */
export function checkKind(what: string, known: readonly Kind[], given: unknown): Checked<KindPlan> {
  const { kind, ...rest }: Readonly<Record<string, unknown>> =
    typeof given === 'object' && given !== null ? { ...given } : { kind: given };
  if (typeof kind !== 'string') {
    return {
      issues: [{ path: [], message: `is ${shown(given)}; it must be the name of a ${what}, or { kind, ...options }` }],
    };
  }
  const found = known.find((one) => one.kind === kind);
  if (!found) {
    const names = known.map((one) => one.kind);
    return { issues: [{ path: [], message: `: ${unknownName(what, kind, names)}` }] };
  }
  const isPlan = Object.keys(rest).join() === 'options' && typeof rest.options === 'object';
  const checked = checkOptions(found.options, isPlan ? rest.options : rest);
  return 'value' in checked ? { value: { kind, options: checked.value } } : checked;
}
