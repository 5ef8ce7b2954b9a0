import { describe, expect, it } from 'vitest';
import { parameter } from '../../tensor/functions.ts';
import type { Tensor } from '../../tensor/tensor.ts';
import { apply } from '../../tensor/tensor.ts';
import { opCases } from '../op-cases.ts';
import { check, contestants, Engines } from './check.ts';
import { examine } from './examine.ts';
import { type FoundProgram, found } from './found.ts';
import { generate } from './generate.ts';
import { opNames } from './ops.ts';
import { printProgram } from './print.ts';
import { type Leaf, type Numbers, type Program, plainProgram } from './program.ts';
import { shrink } from './shrink.ts';

/** Two rounds over the ops, of which each seed names one (generate.ts). */
const programs = 2 * opNames.length;

function programOf({ inputs, over = [], build }: FoundProgram): Program {
  const leaves = inputs.map(({ shape, dtype }, i) => parameter(`x${i}`, shape, dtype));
  const outputs = build(...leaves);
  const places = outputs.flatMap((output, j): [Tensor, Leaf][] => {
    const place = over[j] ?? null;
    return place === null ? [] : [[output, leaves[place]]];
  });
  const values = new Map<Leaf, Numbers>(leaves.map((leaf, i) => [leaf, inputs[i].values]));
  return { ...plainProgram(outputs, values), over: new Map(places) };
}

describe('random programs', () => {
  it('agree with the reference on every engine', async () => {
    const engines = new Engines();
    const examined = [];
    for (let seed = 0; seed < programs; seed++) {
      const one = await examine(seed, engines, contestants);
      if (one.report) expect.fail(one.report);
      examined.push(one);
    }
    // Nearly all are tests, and every op takes part.
    expect(examined.filter(({ outcome }) => outcome === 'agrees').length).toBeGreaterThan(0.9 * programs);
    const seen = new Set(examined.flatMap(({ ops }) => ops));
    expect(opNames.filter((op) => !seen.has(op))).toEqual([]);
  }, 300_000);

  it('are the same for the same seed', () => {
    const text = (seed: number) => printProgram(generate(seed).program, '');
    expect(text(5)).toBe(text(5));
    expect(text(5)).not.toBe(text(6));
  });

  it('use every op that has cases', () => {
    expect(Object.keys(opCases).filter((op) => !(opNames as string[]).includes(op))).toEqual([]);
  });
});

describe('what was found stays repaired', () => {
  it.each(found.map((one) => [one.name, one] as const))('%s', async (_, one) => {
    expect(await check(programOf(one), new Engines())).toBeNull();
  });
});

describe('a wrong engine', () => {
  /** The native engines, where wasm answers the cosine for the sine, nearly. */
  function sabotaged(error: number): Engines {
    const engines = new Engines();
    const wasm: Engines['of']['wasm'] = {
      ...engines.of.wasm,
      compile: ({ inputs, outputs }) => {
        const wrong = (node: Tensor): Tensor =>
          node.op === 'sin' ? apply('sin', [node.inputs[0].mul(1 + error)], {}) : node;
        return engines.of.wasm.compile({ inputs, outputs: outputs.map(wrong) });
      },
    };
    return { of: { ...engines.of, wasm } };
  }

  const x = parameter('x', [5]);
  const program = plainProgram([x.sin(), x.exp().sum()], new Map([[x, [1, 2, -1, 0.5, 0.25]]]));

  it('is found, even when it is wrong by a hundred units in the last place', async () => {
    expect(await check(program, sabotaged(0), ['wasm'])).toBeNull();
    const finding = await check(program, sabotaged(2e-5), ['wasm']);
    expect(finding?.contestant).toBe('wasm');
    expect(finding?.problem).toMatch(/output 0/);
  });

  it('is shown by a small program, printed as code', async () => {
    const engines = sabotaged(2e-5);
    const y = parameter('y', [3, 4]);
    const large = y.mul(2).tanh().exp().add(y.sum(0)).sin();
    const start = plainProgram([large, y.relu()], new Map([[y, Array.from({ length: 12 }, (_, i) => i / 3 - 2)]]));
    const fails = async (candidate: Program) => (await check(candidate, engines, ['wasm'])) !== null;
    expect(await fails(start)).toBe(true);
    const text = printProgram(await shrink(start, fails), 'wrong');
    expect(text.match(/apply/g)).toHaveLength(1);
    expect(text).toContain("apply('sin', [x0], {})");
    expect(text).toContain('shape: [1, 1]');
  });
});
