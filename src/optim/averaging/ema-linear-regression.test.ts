import { expect, test } from 'vitest';
import { expectClose } from '../../testing/close.ts';
import { excessRisk, linearRegressionErrors, stationaryVariances } from './ema-linear-regression.ts';

const direction = { lambda: 0.5, eta: 0.1, noise: 1, alpha: 0.9, e0: 1 };

test('golden: three steps', () => {
  const { sgd, ema, average } = linearRegressionErrors(direction, 3);
  expectClose([sgd.variance, ema.variance], [0.01358503125, 0.0005507278125]);
  expectClose([sgd.bias, ema.bias, average.bias], [0.857375, 0.9729125, 0.903291666667]);
});

test('golden: stationary variances, and biases after 200 steps', () => {
  const { sgd, ema } = stationaryVariances(direction);
  expectClose([sgd, ema], [0.0512820512821, 0.0345292940574]);
  const late = linearRegressionErrors(direction, 200);
  expectClose([late.sgd.bias, late.ema.bias, late.average.bias], [3.50526662488e-5, 6.65994309157e-5, 0.0949966699967]);
  expectClose([linearRegressionErrors(direction, 2000).ema.variance], [ema]);
});

test('the closed form of SGD; alpha = 0 is SGD, also where alpha is r', () => {
  const { sgd } = linearRegressionErrors(direction, 17);
  const r = 0.95;
  expectClose([sgd.bias, sgd.variance], [r ** 17, (0.1 * (1 - r ** 34)) / 1.95], { relative: 1e-13 });
  expect(linearRegressionErrors({ ...direction, alpha: 0 }, 17).ema).toEqual(sgd);
  const same = linearRegressionErrors({ ...direction, alpha: r }, 17).ema;
  expectClose([same.bias], [r ** 17 * (1 + 0.05 * 17)], { relative: 1e-13 });
});

test('in 3000 steps with eigenvalues 1 / i the moving average beats the last iterate and the mean', () => {
  const risks = (['sgd', 'ema', 'average'] as const).map((which) =>
    excessRisk(
      Array.from({ length: 20 }, (_, i) => {
        const lambda = 1 / (i + 1);
        return { lambda, ...linearRegressionErrors({ lambda, eta: 0.02, alpha: 0.99, noise: 1, e0: 1 }, 3000)[which] };
      }),
    ),
  );
  expect(risks[1]).toBeLessThan(0.8 * risks[0]);
  expect(risks[1]).toBeLessThan(0.5 * risks[2]);
});
