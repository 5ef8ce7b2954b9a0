import { z } from 'zod';
import { protocols } from '../../src/lab/protocols/index.ts';
import { tunerOption, tuners } from '../../src/lab/tuners/index.ts';
import { code, prose, sentence, table, withArxivLinks } from './markdown.ts';

interface Kind {
  readonly kind: string;
  readonly summary: string;
  readonly source: string;
  readonly options: z.ZodType;
}

/** The parts of a JSON Schema that a table of options shows. */
interface Schema {
  readonly type?: string;
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly anyOf?: readonly Schema[];
  readonly items?: Schema;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly exclusiveMinimum?: number;
  readonly exclusiveMaximum?: number;
  readonly default?: unknown;
  readonly examples?: readonly unknown[];
  readonly description?: string;
  readonly isTuner?: true;
}

const schemasOf = (options: z.ZodType): [string, Schema][] => {
  const { properties = {} } = z.toJSONSchema(options, {
    io: 'input',
    unrepresentable: 'any',
    override: ({ zodSchema, jsonSchema }) => {
      if ((zodSchema as object) === tunerOption) jsonSchema.isTuner = true;
    },
  });
  return Object.entries(properties) as [string, Schema][];
};

/** 'whole number, 1 to 100': what a value may be. Empty where only the description can say it. */
function legal(schema: Schema): string {
  if (schema.isTuner) return 'a [tuner](#tuners)';
  if (schema.anyOf) return schema.anyOf.map(legal).filter(Boolean).join(', or ');
  if (schema.const !== undefined) return code(JSON.stringify(schema.const));
  if (schema.enum) return schema.enum.map((value) => code(JSON.stringify(value))).join(', ');
  if (schema.type === 'string' && schema.examples)
    return `text such as ${schema.examples.map((one) => code(JSON.stringify(one))).join(', ')}`;
  if (schema.type === 'null') return code('null');
  if (schema.type === 'array') return `list of: ${schema.items ? legal(schema.items) : 'anything'}`;
  if (schema.type !== 'integer' && schema.type !== 'number') return schema.type ?? '';
  return [schema.type === 'integer' ? 'whole number' : 'number', ...bounds(schema)].join(' ');
}

function bounds({ minimum, maximum, exclusiveMinimum, exclusiveMaximum }: Schema): string[] {
  const most = maximum === Number.MAX_SAFE_INTEGER ? undefined : maximum;
  return [
    ...(minimum === undefined || minimum === Number.MIN_SAFE_INTEGER ? [] : [`from ${minimum}`]),
    ...(exclusiveMinimum === undefined ? [] : [`above ${exclusiveMinimum}`]),
    ...(most === undefined ? [] : [`to ${most}`]),
    ...(exclusiveMaximum === undefined ? [] : [`below ${exclusiveMaximum}`]),
  ];
}

function section({ kind, summary, source, options }: Kind): string {
  const rows = schemasOf(options).map(([name, schema]) => [
    code(name),
    schema.default === undefined ? '' : code(JSON.stringify(schema.default)),
    legal(schema),
    prose(schema.description ?? ''),
  ]);
  const optionTable = rows.length === 0 ? 'No options.' : table(['option', 'default', 'values', ''], rows);
  return `### ${kind}\n\n${prose(sentence(summary))}\n\n${optionTable}\n\nSource: ${withArxivLinks(source)}.`;
}

/** What a race file can name, with all options: made from the registries and their schemas. */
export const protocolsPage = (): string => `# Protocols and tuners

A protocol says which trials a race consists of and what they show; a tuner chooses the settings of one optimizer. [Races](races.md) says how to name them. An option that is not given has its default; one that does not exist, or has no legal value, is refused before anything runs.

\`\`\`sh
npx thalweg race --protocol time-to-target --task mnist-mlp,mnist-cnn
npx thalweg race --tuner "hyperband[eta=4]"
\`\`\`

## Protocols

${protocols.map(section).join('\n\n')}

## Tuners

For the option \`tuner\` of a protocol: \`"tpe"\`, or \`{ "kind": "tpe", "trials": 20 }\`.

${tuners.map(section).join('\n\n')}
`;
