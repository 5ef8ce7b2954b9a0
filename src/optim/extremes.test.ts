import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { evaluate } from '../runtime/reference/index.ts';
import { createRuntime, type Runtime } from '../runtime/runtime.ts';
import { Layout } from '../tensor/bundle.ts';
import { scalar } from '../tensor/tensor.ts';
import { briskValues, within } from '../testing/compositions.ts';
import { GivenGradients, type GivenRun } from '../testing/given-gradients.ts';
import { type Hyper, HyperError, type HyperSpec } from './hyper.ts';
import type { Optimizer } from './optimizer.ts';
import { type AnyOptimizer, getOptimizer, methods, schedules, wrappers } from './registry.ts';
import { symbolicHypers } from './step-program.ts';

// Every number is guarded: extreme gradients and parameters leave finite parameters, illegal values are refused, schedules have no end.

type Values = Readonly<Record<string, unknown>>;

/** A method, or a wrapper or schedule around a base that shows it. */
interface Entry {
  readonly name: string;
  /** The values of the entry itself, without those of a base. */
  readonly spec: HyperSpec;
  readonly create: (values: Values) => AnyOptimizer;
}
const around = (layer: string, spec: HyperSpec, base: string): Entry => ({
  name: `${layer}(${base})`,
  spec,
  create: (values) => within(layer, getOptimizer(base) as Optimizer, values),
});
const entries: readonly Entry[] = [
  ...methods.map(({ id, hyper }) => ({ name: id, spec: hyper, create: (values: Values) => getOptimizer(id, values) })),
  ...wrappers.flatMap(({ id, hyper }) => [around(id, hyper, 'sgd'), around(id, hyper, 'adamw')]),
  ...schedules.map(({ id, hyper }) => around(id, hyper, 'sgd')),
];

const layout = new Layout([
  { name: 'W', shape: [3, 2], role: 'matrix' },
  { name: 'one', shape: [1, 1], role: 'matrix' },
  { name: 'b', shape: [3], role: 'bias' },
  { name: 'gain', shape: [2], role: 'gain' },
  { name: 'scale', shape: [], role: 'other' },
  { name: 'head', shape: [2, 3], role: 'head' },
]);
const n = layout.size;
const same = (x: number): number[] => new Array<number>(n).fill(x);
/** Numbers of both signs and no pattern, of size 1. */
const usual = Array.from({ length: n }, (_, i) => Math.sin(1 + i * i));
const times = (factor: number): number[] => usual.map((x) => factor * x);
const sizes = [0, 1e-30, 1, -1, 1e30, -1e30, -1e-30];
const mixed = (k: number): number[] => Array.from({ length: n }, (_, i) => sizes[(k * (i + 1)) % sizes.length]);
const always = (g: number[]): number[][] => [g, g, g, g];

const runs: Readonly<Record<string, GivenRun>> = {
  'gradients of 0': { w0: usual, gradients: always(same(0)) },
  'gradients of 0 at parameters of 0': { w0: same(0), gradients: always(same(0)) },
  'parameters of 0': { w0: same(0), gradients: always(usual) },
  'gradients of 1e30': { w0: usual, gradients: always(times(1e30)) },
  'gradients of 1e30 at parameters of 0': { w0: same(0), gradients: always(times(1e30)) },
  'gradients of 1e-30': { w0: usual, gradients: always(times(1e-30)) },
  'gradients of 1e-30 at parameters of 0': { w0: same(0), gradients: always(times(1e-30)) },
  'gradients of all sizes': { w0: usual, gradients: [1, 2, 3, 4].map(mixed) },
  'gradients that leap': { w0: usual, gradients: [usual, times(1e30), times(1e-30), same(0)] },
  'gradients that fall': { w0: usual, gradients: [times(1e30), times(1e-30), same(0), usual] },
  'parameters of 1e30': { w0: times(1e30), gradients: always(usual) },
  'gradients of 0 at parameters of 1e30': { w0: times(1e30), gradients: always(same(0)) },
  'parameters of 1e-30': { w0: times(1e-30), gradients: always(usual) },
  'a Hessian of 1e30': { w0: usual, gradients: always(usual), curvature: 1e30 },
  'a Hessian of 1e-30': { w0: usual, gradients: always(usual), curvature: 1e-30 },
  'gradients of 0 and a Hessian of 1': { w0: usual, gradients: always(same(0)), curvature: 1 },
};

/** What goes wrong in a run; null when all is finite. */
async function faultOf(given: GivenGradients, run: GivenRun): Promise<string | null> {
  const steps = await given.run(run);
  for (const [i, { w, evaluation }] of steps.entries()) {
    if (!w.every(Number.isFinite)) return `step ${i + 1}: parameters ${w}`;
    if (!evaluation.every(Number.isFinite)) return `step ${i + 1}: parameters to evaluate ${evaluation}`;
  }
  return null;
}

const optimizersOf = ({ name, create }: Entry): Optimizer[] => {
  const quick = briskValues(name.replaceAll(')', '').split('('));
  const all = Object.keys(quick).length > 0 ? [create({}), create(quick)] : [create({})];
  return all.filter((optimizer) => optimizer.kind === 'symbolic');
};

/**
 * What float32 cannot bear: squares of 1e30 lie beyond its largest number, 3.4e38. Most rules survive that (x / inf is 0); those named here meet
 * inf / inf or inf - inf, of gradients, of parameters or of both, and say so in their docstrings. In float64 they are finite. An entry that no
 * longer fails must leave the list.
 */
const overflows: Readonly<Record<string, 'gradients' | 'parameters' | 'both'>> = {
  adafactor: 'both',
  'd-adaptation-adagrad': 'gradients',
  'd-adaptation-adan': 'gradients',
  'distributed-shampoo': 'gradients',
  dog: 'parameters',
  'eg-pair': 'parameters',
  'galore-adam': 'gradients',
  'induced-metric': 'gradients',
  lamb: 'parameters',
  lars: 'both',
  ldog: 'parameters',
  mechanic: 'gradients',
  'psgd-kron': 'gradients',
  rmsprop: 'gradients',
  'sgd-sai': 'gradients',
  sgdol: 'gradients',
  'sgdol-coordinate': 'gradients',
  shampoo: 'gradients',
  soap: 'gradients',
  'steepest-descent': 'gradients',
  'subspace-momentum': 'gradients',
  'weight-conditioning': 'gradients',
};

async function faultsOf(optimizer: Optimizer, runtime: Runtime, among = Object.keys(runs)): Promise<string[]> {
  const given = new GivenGradients(optimizer, layout, runtime);
  const faults: string[] = [];
  for (const what of among) {
    const fault = await faultOf(given, runs[what]);
    if (fault) faults.push(`${optimizer.id}: ${what}: ${fault}`);
  }
  if (faults.length === 0 && among.length > 1) await anyMixture(given);
  given.release();
  return faults;
}

const float64 = createRuntime({ engine: 'reference' });
const float32 = createRuntime({ engine: 'wasm', threads: 1 });

describe('extreme numbers', () => {
  test.each(entries.map((entry) => [entry.name, entry] as const))('%s stays finite in float64', async (_, entry) => {
    for (const optimizer of optimizersOf(entry)) expect(await faultsOf(optimizer, float64)).toEqual([]);
  });

  const [fragile, robust] = [true, false].map((wanted) =>
    entries
      .filter(({ name }) => name.replace(/\(.*/, '') in overflows === wanted)
      .map((entry) => [entry.name, entry] as const),
  );
  test.each(robust)('%s stays finite in float32', async (_, entry) => {
    for (const optimizer of optimizersOf(entry)) expect(await faultsOf(optimizer, float32)).toEqual([]);
  });

  test.each(fragile)('%s: only what overflows float32 harms it, and clip-value is the remedy', async (name, entry) => {
    const what = overflows[name.replace(/\(.*/, '')];
    const large = (run: string) =>
      (what !== 'parameters' && /gradients of (1e30|all sizes)|that (leap|fall)/.test(run)) ||
      (what !== 'gradients' && /parameters of 1e30/.test(run));
    const found: string[] = [];
    for (const optimizer of optimizersOf(entry)) {
      const faults = await faultsOf(optimizer, float32);
      found.push(...faults);
      expect(faults.filter((fault) => !large(fault.split(': ')[1]))).toEqual([]);
      if (what === 'parameters') continue;
      const clipped = within('clip-value', optimizer, {});
      expect(
        await faultsOf(
          clipped,
          float32,
          Object.keys(runs).filter((run) => !/parameters of 1e30/.test(run)),
        ),
      ).toEqual([]);
    }
    expect(found, 'needs no exception any more').not.toEqual([]);
  });
});

const anyNumbers = (magnitudes: readonly number[]) =>
  fc.array(fc.constantFrom(...magnitudes), { minLength: n, maxLength: n });

function anyMixture(given: GivenGradients): Promise<void> {
  const gradients = fc.array(anyNumbers([...sizes, 0.3, -7]), { minLength: 3, maxLength: 3 });
  const run = fc.record({ w0: anyNumbers([0, 1e-30, 1, -1, 1e10]), gradients });
  return fc.assert(
    fc.asyncProperty(run, async (one) => {
      expect(await faultOf(given, one)).toBeNull();
    }),
    { numRuns: 5, seed: 1 },
  );
}

// ── legal and illegal values ────────────────────────────────────────────────

/** What a printed range says: ends, and whether they belong to it. `{0} or (1, inf)` has a point of its own. */
function parsed(range: string) {
  const found = /^(?:\{(\S+)\} or )?([([])(\S+), (\S+)([)\]])$/.exec(range);
  if (!found) throw new Error(`'${range}' is no printed range`);
  const [, point, opening, low, high, closing] = found;
  const number = (text: string) => Number(text.replace('inf', 'Infinity'));
  const [from, to] = [number(low), number(high)];
  const closed = { low: opening === '[', high: closing === ']' };
  const inside = (v: number) =>
    (point !== undefined && v === Number(point)) ||
    ((closed.low ? v >= from : v > from) && (closed.high ? v <= to : v < to));
  return { from, to, closed, inside };
}

const isNumeric = (hyper: Hyper): hyper is Extract<Hyper, { readonly range: string }> =>
  hyper.kind === 'number' || hyper.kind === 'optional';

const neverNumbers = [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, '0.1', '', true, [0.1], {}];

/** Values that a hyperparameter must refuse. */
function illegal(hyper: Hyper): fc.Arbitrary<unknown> {
  switch (hyper.kind) {
    case 'number':
    case 'optional': {
      const { from, to, inside } = parsed(hyper.range);
      const ends = [from, to, from - 1e-9, to + 1e-9, from - 1, to + 1, -1e300, 1e300, -0.5, 0, 1, 2];
      const outside = ends.filter((v) => !inside(v) || !Number.isFinite(v));
      return fc.oneof(fc.constantFrom<unknown>(...neverNumbers, ...outside), anyOutside(inside));
    }
    case 'count':
      return fc.oneof(
        fc.constantFrom<unknown>(...neverNumbers, 0, -1, 1.5),
        fc.integer({ max: 0 }),
        fc.double({ noNaN: true }).filter((v) => !Number.isInteger(v)),
      );
    case 'flag':
      return fc.constantFrom<unknown>(0, 1, 'true', Number.NaN, {});
    case 'choice':
      return fc.oneof(
        fc.constantFrom<unknown>('', 'unknown', 0, true),
        fc.string().filter((text) => !hyper.options.includes(text)),
      );
  }
}

/** Any number outside; a range of all numbers refuses infinities only. */
function anyOutside(inside: (v: number) => boolean): fc.Arbitrary<number> {
  const everything = [-1e9, 1e9, -1, 0, 0.25, 1, 3].every(inside);
  if (everything) return fc.constantFrom(Number.POSITIVE_INFINITY, Number.NaN);
  return fc.double({ noNaN: true }).filter((v) => !inside(v));
}

const wanted = (hyper: Hyper): string => {
  if (isNumeric(hyper)) return `lie in ${hyper.range}`;
  if (hyper.kind === 'count') return 'be a whole number from 1';
  return hyper.kind === 'flag' ? 'be true or false' : `be one of ${hyper.options.join(', ')}`;
};

/** Values at the edge of what is legal, which must be accepted: closed ends, 1 of a count, every choice. */
function edges(hyper: Hyper): (number | boolean | string)[] {
  if (hyper.kind === 'count') return [1, 2];
  if (hyper.kind === 'flag') return [true, false];
  if (hyper.kind === 'choice') return [...hyper.options];
  const { from, to, closed } = parsed(hyper.range);
  return [...(closed.low ? [from] : []), ...(closed.high ? [to] : [])];
}

const cases = entries.flatMap((entry) =>
  Object.entries(entry.spec).map(([hyper, spec]) => [entry.name, hyper, spec, entry] as const),
);

describe('hyperparameters', () => {
  test.each(cases)('%s refuses illegal values of %s, with their range', (name, hyper, spec, { create }) => {
    fc.assert(
      fc.property(illegal(spec), (value) => {
        expect(() => create({ [hyper]: value })).toThrow(
          new HyperError(`${name}: ${hyper} is ${String(value)}; it must ${wanted(spec)}`),
        );
      }),
      { numRuns: 30, seed: 1 },
    );
  });

  const numeric = cases.filter(([, , spec]) => isNumeric(spec));
  test.each(numeric)('%s: the range that is printed for %s is the one that is enforced', (_, __, spec) => {
    if (!isNumeric(spec)) return;
    const { from, to, inside } = parsed(spec.range);
    const near = [from, to].flatMap((end) => [end, end - 1e-12, end + 1e-12]).filter(Number.isFinite);
    for (const v of [...near, -2, -1, -0.5, 0, 1e-12, 0.1, 0.5, 0.999, 1, 1.5, 2, 3.9, 4, 1e6]) {
      expect(spec.legal(v), `${v}`).toBe(inside(v));
    }
  });

  test.each(cases.filter(([, , spec]) => edges(spec).length > 0))(
    '%s runs at the edges of what is legal for %s',
    async (name, hyper, spec, { create }) => {
      for (const edge of edges(spec)) {
        let optimizer: AnyOptimizer;
        try {
          optimizer = create({ [hyper]: edge });
        } catch (error) {
          // Two legal values that contradict each other: the refusal must speak of this one.
          expect(error).toBeInstanceOf(HyperError);
          expect((error as Error).message).toMatch(new RegExp(`^${name.replace(/[()]/g, '\\$&')}: .*${hyper}`));
          continue;
        }
        if (optimizer.kind === 'driven') continue;
        const given = new GivenGradients(optimizer, layout, float64);
        expect(await faultOf(given, { w0: usual, gradients: always(usual) }), `${hyper} = ${edge}`).toBeNull();
        given.release();
      }
    },
  );
});

// ── schedules ───────────────────────────────────────────────────────────────

/** Legal values of a schedule. */
const legalValues = (spec: HyperSpec): fc.Arbitrary<Record<string, number | boolean | string>> =>
  fc.record(
    Object.fromEntries(
      Object.entries(spec).map(([name, hyper]) => {
        if (hyper.kind === 'count') return [name, fc.integer({ min: 1, max: 12 })];
        if (hyper.kind === 'flag') return [name, fc.boolean()];
        if (hyper.kind === 'choice') return [name, fc.constantFrom(...hyper.options)];
        const candidates = [0, 1e-6, 0.1, 0.29, 0.5, 0.9, 0.999, 1, 1.5, 2, 3, 7, 40, hyper.default];
        return [name, fc.constantFrom(...candidates.filter(hyper.legal))];
      }),
    ),
  );

describe('schedules', () => {
  test.each(schedules.map((schedule) => [schedule.id, schedule] as const))(
    '%s gives finite rates of at least 0 at every step, also beyond the horizon',
    (_, schedule) => {
      const horizons = fc.constantFrom(1, 2, 3, 10, 17, 100);
      fc.assert(
        fc.property(legalValues(schedule.hyper), horizons, (values, horizon) => {
          let made: ReturnType<typeof schedule>;
          try {
            made = schedule(values as never);
          } catch (error) {
            expect(error).toBeInstanceOf(HyperError);
            return;
          }
          const resolved = Object.fromEntries(
            Object.entries(schedule.hyper).map(([name, { default: otherwise }]) => [name, values[name] ?? otherwise]),
          );
          const symbols = symbolicHypers(schedule.hyper, resolved);
          const numbers = Object.entries(resolved).flatMap(([name, value]) => {
            const symbol = symbols[name];
            return typeof value === 'number' && typeof symbol === 'object' && symbol !== null
              ? [[symbol, [value]] as const]
              : [];
          });
          const beyond = [1, 2, 3, horizon - 1, horizon, horizon + 1, 2 * horizon, 1000 * horizon].filter(
            (t) => t >= 1,
          );
          for (const t of beyond) {
            const factor = made.multiplier({
              t: scalar(t, 'float64'),
              horizon: scalar(horizon, 'float64'),
              hyper: symbols,
            });
            const [{ data }] = evaluate([factor], new Map(numbers as never));
            expect(Number.isFinite(data[0]) && data[0] >= 0, `${data[0]} at step ${t} of ${horizon}`).toBe(true);
          }
        }),
        { numRuns: 60, seed: 1 },
      );
    },
  );
});
