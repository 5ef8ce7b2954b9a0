import { type DrivenContext, type DrivenResult, defineDriven } from '../driven.ts';
import { choice, count, type HyperValues, log, positive, within } from '../hyper.ts';

const open = within('(0, 1)', (v) => v > 0 && v < 1);

const hyper = {
  lr: positive(1, { tune: log(0.1, 100), doc: 'first step size to try' }),
  c: open(0.1, { tune: log(0.01, 0.5), doc: 'share of the decrease of the linear model that a step must bring' }),
  shrinkage: open(0.9, { doc: 'factor of a step size that was refused' }),
  reset: choice('grow', ['keep', 'grow', 'restart'], 'what a step tries first: the last size, somewhat more, or lr'),
  gamma: within('[1, inf)', (v) => v >= 1)(2, { doc: 'growth of the step size in one epoch without a refusal, grow' }),
  batchesPerEpoch: positive(500, { doc: 'steps of one epoch, grow' }),
  condition: choice('armijo', ['armijo', 'goldstein'], 'goldstein also refuses steps that are too short'),
  largest: positive(1e6, { tune: log(1, 100), doc: 'no step size is larger' }),
  maxTrials: count(100, 'trials of one step'),
};

type Values = HyperValues<typeof hyper>;
type Memory = { readonly eta: number };

async function step(context: DrivenContext<Memory, Values>): Promise<DrivenResult<Memory>> {
  const { w, state, oracle, t, hyper: values } = context;
  const { lr, c, shrinkage, reset, gamma, batchesPerEpoch, condition, largest, maxTrials } = values;
  const { value: f, grad: g } = await oracle.valueAndGrad(w);
  const squared = g.reduce((sum, x) => sum + x * x, 0);
  const last = t === 1 ? lr : state.eta;
  if (!(Math.sqrt(squared) >= 1e-8)) return { w, state: { eta: last }, loss: f };

  const along = (eta: number): Float64Array => w.map((x, i) => x - eta * g[i]);
  const first = { keep: last, grow: last * gamma ** (1 / batchesPerEpoch), restart: lr };
  let eta = Math.min(first[reset], largest);
  /** The last trial that was short enough. */
  let safe = 1e-6;
  for (let trial = 1; trial <= maxTrials; trial++) {
    const there = along(eta);
    const change = (await oracle.loss(there)) - f;
    // A loss that is not a number is not small enough.
    const enough = change <= -c * eta * squared;
    const tooShort = condition === 'goldstein' && change < -(1 - c) * eta * squared && eta < largest;
    if (enough && !tooShort) return { w: there, state: { eta }, loss: f };
    if (enough) safe = eta;
    eta = enough ? Math.min(2 * eta, largest) : Math.max(shrinkage * eta, condition === 'goldstein' ? 1e-8 : 0);
  }
  return { w: along(safe), state: { eta }, loss: f };
}

/**
 * SLS: SGD whose step size is searched on the loss of its own minibatch. Vaswani et al. 2019, arXiv:1905.09997, Algorithm 1; IssamLaradji/sls.
 *
 *   eta <- shrinkage eta until f(w - eta g) <= f(w) - c eta |g|^2 (Armijo),  w <- w - eta g
 *
 * All values are of one minibatch, with the same dropout masks. `reset` says what a step tries first: 'grow' multiplies the last accepted size
 * by gamma^(1 / batchesPerEpoch). A gradient shorter than 1e-8 moves nothing. `condition: 'goldstein'` doubles a step that is too short, whose
 * decrease is more than 1 - c of the linear model's, up to `largest` (10 in the authors' code). Where no trial is accepted, the step is the
 * last one that was short enough, or 1e-6. Where minibatches can be fitted but not all of them together, 'grow' lets eta explode: bound it
 * with `largest`, which the authors' Armijo form lacks.
 */
export const slsArmijo = defineDriven({
  id: 'sls-armijo',
  summary: 'SGD with a backtracking line search on the minibatch',
  source: 'Vaswani et al. 2019, arXiv:1905.09997, Algorithm 1; IssamLaradji/sls',
  hyper,
  init: (): Memory => ({ eta: 0 }),
  step,
});
