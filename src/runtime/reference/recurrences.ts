import { traceWidth } from '../../tensor/infer.ts';
import { type Shape, sizeOf } from '../../tensor/shape.ts';
import { broadcast, type NdArray, type Rules, zeros } from './array.ts';
import { sigmoid } from './elementwise.ts';

// The LSTM example by example, unit by unit.

/** The weights of each lane, one after another. */
function laneWeights(weight: NdArray, leading: Shape): (lane: number) => ArrayLike<number> {
  const size = sizeOf(weight.shape.slice(-2));
  const { data } = broadcast(weight, [...leading, ...weight.shape.slice(-2)]);
  return (lane) => data.subarray(lane * size, (lane + 1) * size);
}

const dot = (x: ArrayLike<number>, y: (k: number) => number): number => {
  let sum = 0;
  for (let k = 0; k < x.length; k++) sum += x[k] * y(k);
  return sum;
};

export const recurrences: Rules<'lstm' | 'lstmTrace' | 'lstmBackward'> = {
  lstm: (inputs, attrs, node) => {
    const planes = [...node.shape.slice(0, -3), traceWidth, ...node.shape.slice(-3)];
    const { data } = recurrences.lstmTrace(inputs, attrs, { ...node, shape: planes });
    const result = zeros(node);
    const plane = sizeOf(node.shape.slice(-3));
    for (let lane = 0; lane * plane < result.data.length; lane++) {
      const at = (lane * traceWidth + traceWidth - 1) * plane;
      result.data.set(data.subarray(at, at + plane), lane * plane);
    }
    return result;
  },

  lstmTrace: ([ofInput, weight], _, node) => {
    const result = zeros(node);
    const [steps, n, hidden] = node.shape.slice(-3);
    const leading = node.shape.slice(0, -4);
    const weights = laneWeights(weight, leading);
    for (let lane = 0; lane < sizeOf(leading); lane++) {
      const w = weights(lane);
      for (let example = 0; example < n; example++) {
        let h = new Float64Array(hidden);
        const c = new Float64Array(hidden);
        for (let t = 0; t < steps; t++) {
          const row = (lane * steps + t) * n + example;
          const before = h;
          const gate = (k: number): number =>
            ofInput.data[row * 4 * hidden + k] + dot(before, (j) => w[k * hidden + j]);
          h = new Float64Array(hidden);
          for (let j = 0; j < hidden; j++) {
            const [i, f, o] = [0, 1, 3].map((k) => sigmoid(gate(k * hidden + j)));
            const g = Math.tanh(gate(2 * hidden + j));
            c[j] = f * c[j] + i * g;
            h[j] = o * Math.tanh(c[j]);
            [i, f, g, o, c[j], h[j]].forEach((value, plane) => {
              result.data[(((lane * traceWidth + plane) * steps + t) * n + example) * hidden + j] = value;
            });
          }
        }
      }
    }
    return result;
  },

  lstmBackward: ([trace, weight, dy], _, node) => {
    const result = zeros(node);
    const [steps, n, hidden] = dy.shape.slice(-3);
    const leading = dy.shape.slice(0, -3);
    const weights = laneWeights(weight, leading);
    for (let lane = 0; lane < sizeOf(leading); lane++) {
      const w = weights(lane);
      for (let example = 0; example < n; example++) {
        const dc = new Float64Array(hidden);
        let dz = new Float64Array(4 * hidden);
        for (let t = steps - 1; t >= 0; t--) {
          const row = (lane * steps + t) * n + example;
          const next = dz;
          dz = new Float64Array(4 * hidden);
          for (let j = 0; j < hidden; j++) {
            const at = (plane: number, step = t): number =>
              trace.data[(((lane * traceWidth + plane) * steps + step) * n + example) * hidden + j];
            const [i, f, g, o, c] = [0, 1, 2, 3, 4].map((plane) => at(plane));
            const dh = dy.data[row * hidden + j] + dot(next, (k) => w[k * hidden + j]);
            const tanhC = Math.tanh(c);
            const d = dc[j] + dh * o * (1 - tanhC ** 2);
            dz[j] = d * g * i * (1 - i);
            dz[hidden + j] = t === 0 ? 0 : d * at(4, t - 1) * f * (1 - f);
            dz[2 * hidden + j] = d * i * (1 - g ** 2);
            dz[3 * hidden + j] = dh * tanhC * o * (1 - o);
            dc[j] = d * f;
          }
          result.data.set(dz, row * 4 * hidden);
        }
      }
    }
    return result;
  },
};
