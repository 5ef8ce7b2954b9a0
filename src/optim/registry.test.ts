import { describe, expect, test } from 'vitest';
import { commonLoss, trajectory, w0 } from '../testing/trajectory.ts';
import { HyperError, quantile } from './hyper.ts';
import { getOptimizer, methods, schedules, UnknownOptimizerError, wrappers } from './registry.ts';

const everything = [...methods, ...wrappers, ...schedules];

describe('registry', () => {
  test('ids are unique, kebab-case, and every entry says what it is and where it is from', () => {
    expect(new Set(everything.map(({ id }) => id)).size).toBe(everything.length);
    for (const { id, summary, source } of everything) {
      expect(id).toMatch(/^[a-z0-9]+(-[a-z0-9]+)*$/);
      expect(summary.length).toBeGreaterThan(10);
      expect(source.length).toBeGreaterThan(10);
    }
  });

  test.each(everything.map((one) => [one.id, one] as const))(
    '%s: defaults are legal, tuning ranges lie inside the legal ones',
    (_, { hyper }) => {
      for (const [name, spec] of Object.entries(hyper)) {
        if (spec.kind !== 'number' && spec.kind !== 'optional') continue;
        expect(spec.legal(spec.default), name).toBe(true);
        for (const u of [0, 0.5, 1]) if (spec.tune) expect(spec.legal(quantile(spec.tune, u)), name).toBe(true);
      }
    },
  );

  test.each(methods.map(({ id }) => [id]))('%s: descends on the common sequence with its defaults', async (id) => {
    const optimizer = getOptimizer(id);
    if (optimizer.kind === 'driven') return;
    const { w } = await trajectory(optimizer, { w0, loss: commonLoss, steps: 5 });
    expect(Math.abs(w[4][2])).toBeLessThan(3);
  });

  test('composed names take the values of all their parts', () => {
    const optimizer = getOptimizer('linear(sam(sgd))', { lr: 0.3, rho: 0.1, warmup: 0.2 });
    expect(optimizer.id).toBe('linear(sam(sgd))');
    expect(optimizer.values).toMatchObject({ lr: 0.3, rho: 0.1, warmup: 0.2, momentum: 0 });
    expect(getOptimizer('decay-all(adamw)', { lr: 0.5 }).values.lr).toBe(0.5);
  });

  test('unknown names are refused, with the known ones', () => {
    const known = methods.map(({ id }) => id).join(', ');
    expect(() => getOptimizer('adamz')).toThrow(`there is no method 'adamz'; there are ${known}`);
    expect(() => getOptimizer('smm(sgd)')).toThrow(`there is no wrapper 'smm'; there are ${wrappers[0].id}, `);
    const refusal = (() => {
      try {
        return getOptimizer('sam(sdg)');
      } catch (error) {
        return error;
      }
    })();
    expect(refusal).toBeInstanceOf(UnknownOptimizerError);
    expect((refusal as UnknownOptimizerError).unknown).toBe('sdg');
    expect((refusal as UnknownOptimizerError).known).toContain('sgd');
  });

  test('unknown and illegal values are refused by name', () => {
    expect(() => getOptimizer('sam(sgd)', { rate: 1 })).toThrow(
      "sam(sgd): there is no hyperparameter 'rate'; it has rho, scaling, eta, normalized, lr",
    );
    expect(() => getOptimizer('sam(sgd)', { rho: -1 })).toThrow('sam(sgd): rho is -1; it must lie in [0, inf)');
    expect(() => getOptimizer('sam(sgd)', { lr: -1 })).toThrow(HyperError);
  });
});
