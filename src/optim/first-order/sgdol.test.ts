import { describe, expect, test } from 'vitest';
import { expectClose, golden } from '../../testing/close.ts';
import { commonLoss, trajectory, w0 } from '../../testing/trajectory.ts';
import { sgdol, sgdolCoordinate } from './sgdol.ts';

const setup = { w0, loss: commonLoss, steps: 3 };
const small = { smoothness: 2, alpha: 0.5 };

/** Step sizes in force at the start and after each step. */
const stepSizes = (state: readonly Readonly<Record<string, readonly number[]>>[], M: number) =>
  state.map((one) => one['state.A'].map((A, i) => Math.min(2 / M, Math.max(0, A / (M * one['state.B'][i])))));

describe('sgdol', () => {
  test('golden: M 10', async () => {
    const { w, state } = await trajectory(sgdol(), setup);
    expectClose(
      w,
      golden(
        '[0.944596976941,-1.88919395388,2.83379093082,0.496612092235] | [0.900837264997,-1.80167452999,2.70251179499,0.454469835835] | [0.864029980504,-1.72805996101,2.59208994151,0.389193201768]',
      ),
    );
    expectClose(stepSizes(state, 10), [[0.1], [0.101605194937], [0.104738913931], [0.105646800189]]);
  });

  test('golden: M 2', async () => {
    const { w, state } = await trajectory(sgdol(small), setup);
    expectClose(w[2], golden('[0.457571866675,-0.91514373335,1.37271560002,-0.0211827957643]'));
    expectClose(stepSizes(state, 2), [[0.5], [0.523915878014], [0.547424213494], [0.545584293337]]);
  });

  test('two gradients of two minibatches, two numbers of state', async () => {
    const optimizer = sgdol();
    const run = await trajectory(optimizer, setup);
    expect(optimizer.batches).toBe(2);
    expect(run.calls[0]).toEqual({ loss: 0, gradient: 2, hessianVector: 0, perExample: 0 });
    expect(run.statePerParameter).toBe(2 / 4);
  });

  test('on the same batch one gradient suffices, and the step size stays 1 / M', async () => {
    const optimizer = sgdol({ sameBatch: true });
    const run = await trajectory(optimizer, setup);
    expect(optimizer.batches).toBe(1);
    expect(run.calls[0].gradient).toBe(1);
    expectClose(stepSizes(run.state, 10), Array(4).fill([0.1]));
  });
});

describe('sgdol-coordinate', () => {
  test('golden: M 10', async () => {
    const { w, state } = await trajectory(sgdolCoordinate(), setup);
    expectClose(w[2], golden('[0.866038560429,-1.73048402238,2.59276066319,0.394168119288]'));
    expectClose(stepSizes(state, 10)[3], golden('[0.101069643998,0.103643817115,0.106573428651,0.09520818067]'));
  });

  test('golden: M 2', async () => {
    const { w, state } = await trajectory(sgdolCoordinate(small), setup);
    expectClose(w[2], golden('[0.46342738806,-0.914457697744,1.36468956273,0.101078242707]'));
    expectClose(
      stepSizes(state, 2).slice(1),
      golden(
        '[0.510338723389,0.519314358973,0.523014376177,0.495928020745] | [0.532489572028,0.555293698016,0.563554495095,0.33494078793] | [0.542220469029,0.570065507821,0.579821816383,0.257631797603]',
      ),
    );
  });
});
