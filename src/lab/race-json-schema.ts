import { z } from 'zod';
import { protocols } from './protocols/index.ts';
import { jsonRace } from './race-schema.ts';
import { tunerOption, tuners } from './tuners/index.ts';

/** A protocol or a tuner as the registries have it. */
interface Kind {
  readonly kind: string;
  readonly summary: string;
  readonly options: z.ZodType;
}

/** Its name, or its name and options. */
const oneOf = (kinds: readonly Kind[]) => {
  const names = kinds.map(({ kind, summary }) => z.literal(kind).describe(summary));
  const full = kinds.map(({ kind, summary, options }) => {
    const shape = options instanceof z.ZodObject ? options.shape : {};
    return z.strictObject({ kind: z.literal(kind).describe(summary), ...shape }).describe(summary);
  });
  return z.union([...names, ...full]);
};

/** The JSON Schema of race files, for editors: fields, their meanings, their legal values. It is committed as schema/race.schema.json. */
export function raceJsonSchema(): object {
  const tuner = z.toJSONSchema(oneOf(tuners), { io: 'input', unrepresentable: 'any' });
  const race = jsonRace(oneOf(protocols).describe('How settings are chosen and judged. Default: equal-budget.')).extend(
    {
      $schema: z.string().optional(),
    },
  );
  const { $schema, ...schema } = z.toJSONSchema(race, {
    io: 'input',
    unrepresentable: 'any',
    override: ({ zodSchema, jsonSchema }) => {
      // The largest whole number that a double holds is no limit to speak of.
      if (jsonSchema.maximum === Number.MAX_SAFE_INTEGER) delete jsonSchema.maximum;
      // What a tuner may be is checked by a function, which no schema can show.
      if ((zodSchema as object) === tunerOption) jsonSchema.anyOf = tuner.anyOf;
    },
  });
  return { $schema, title: 'A race of Thalweg', ...schema };
}
