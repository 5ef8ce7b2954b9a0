// Every schedule: a new one is a file of its own and a line here. In a composed name a schedule is a wrapper: 'cosine(adamw)'.

export { exponential, inverseSqrt, inverseTime } from './schedules/by-ratio.ts';
export { constant as constantRate } from './schedules/constant.ts';
export { cosine } from './schedules/cosine.ts';
export { linear as linearDecay } from './schedules/linear.ts';
export { oneCycle } from './schedules/one-cycle.ts';
export { polynomial } from './schedules/polynomial.ts';
export { sgdr } from './schedules/sgdr.ts';
export { stagewise } from './schedules/stagewise.ts';
export { swaRate } from './schedules/swa-rate.ts';
export { wsd } from './schedules/wsd.ts';
