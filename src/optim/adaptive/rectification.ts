import { scalar, type Tensor } from '../../tensor/tensor.ts';
import { oneMinus } from '../rules.ts';

/**
 * RAdam's rectification (Liu et al. 2020, arXiv:1908.03265, Algorithm 2): the length of the second moment's average,
 * rho_t = rho_inf - 2 t beta2^t / (1 - beta2^t) with rho_inf = 2 / (1 - beta2) - 1, and the factor of a rectified step,
 * r^2 = (rho_t - 4)(rho_t - 2) rho_inf / ((rho_inf - 4)(rho_inf - 2) rho_t). Where the length is below 4 the factor may be NaN: not to be read.
 */
export function rectification(beta2: Tensor, t: Tensor): { readonly length: Tensor; readonly factor: Tensor } {
  const power = beta2.pow(t);
  const most = scalar(2, 'float64').div(oneMinus(beta2)).sub(1);
  const length = most.sub(t.mul(2).mul(power).div(oneMinus(power)));
  const numerator = length.sub(4).mul(length.sub(2)).mul(most);
  const denominator = most.sub(4).mul(most.sub(2)).mul(length);
  return { length, factor: numerator.div(denominator).sqrt() };
}
