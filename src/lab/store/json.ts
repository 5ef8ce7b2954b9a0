/**
 * What ends of a trial travels and lies as JSON, which has neither NaN nor infinities: they are written as null, and null is read as NaN.
 * Only for data without nulls of their own, as outcomes and curves are. All other numbers come back to the same bits.
 */
export const encode = (value: unknown): string => JSON.stringify(value);

export function decode<T>(text: string): T {
  // A reviver is slow, and hardly any curve needs it.
  return text.includes('null')
    ? JSON.parse(text, (_, value: unknown) => (value === null ? Number.NaN : value))
    : JSON.parse(text);
}
