// Every method: a new one is a file of its own and a line here. Lists, races, docs and the package's exports follow from this file.

export { adam } from './adaptive/adam.ts';
export { adamw } from './adaptive/adamw.ts';
export { nadamw } from './adaptive/nadamw.ts';
export { scheduleFreeAdamw } from './averaging/schedule-free-adamw.ts';
export { scheduleFreeSgd } from './averaging/schedule-free-sgd.ts';
export { adahessian } from './curvature/adahessian.ts';
export { lbfgs } from './curvature/lbfgs.ts';
export { lion } from './first-order/lion.ts';
export { sgd } from './first-order/sgd.ts';
export { sgdol, sgdolCoordinate } from './first-order/sgdol.ts';
export { signsgd } from './first-order/signsgd.ts';
export { signum } from './first-order/signum.ts';
export { adafactor } from './low-memory/adafactor.ts';
export { distributedShampoo } from './matrix/distributed-shampoo.ts';
export { galoreAdam } from './matrix/galore-adam.ts';
export { muon } from './matrix/muon.ts';
export { shampoo } from './matrix/shampoo.ts';
export { spsa } from './zeroth-order/spsa.ts';
