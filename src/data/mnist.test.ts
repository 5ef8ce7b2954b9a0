import { expect, test } from 'vitest';
import { fillBatch } from './fill-batch.ts';
import { mnist } from './mnist.ts';

// From the label files as published.
const trainLabels = [5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949];
const testLabels = [980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009];

function labelCounts(dataset: Awaited<ReturnType<typeof mnist>>['train'], counts = new Array<number>(10).fill(0)) {
  const label = new Int32Array(1);
  for (let i = 0; i < dataset.size; i++) {
    dataset.read([i], 'label', label);
    counts[label[0]]++;
  }
  return counts;
}

test('MNIST is complete: 50000, 10000 and 10000 examples with the published label counts', async () => {
  const { train, validation, test } = await mnist();
  expect([train.size, validation.size, test.size]).toEqual([50_000, 10_000, 10_000]);
  expect(train.fields).toEqual({ image: { shape: [784], dtype: 'uint8' }, label: { shape: [], dtype: 'int32' } });
  expect(labelCounts(validation, labelCounts(train))).toEqual(trainLabels);
  expect(labelCounts(test)).toEqual(testLabels);
});

test('the pixels of the 60000 training images have mean 0.1307 and standard deviation 0.3081', async () => {
  const { train, validation } = await mnist();
  const image = new Uint8Array(784);
  let [sum, squares] = [0, 0];
  for (const part of [train, validation]) {
    for (let i = 0; i < part.size; i++) {
      part.read([i], 'image', image);
      for (const pixel of image) {
        sum += pixel;
        squares += pixel * pixel;
      }
    }
  }
  const mean = sum / (60_000 * 784 * 255);
  expect(mean).toBeCloseTo(0.1307, 4);
  expect(Math.sqrt(squares / (60_000 * 784 * 255 ** 2) - mean ** 2)).toBeCloseTo(0.3081, 4);
});

test('the first training image is the well-known five', async () => {
  const { train } = await mnist();
  const image = { shape: [1, 784], dtype: 'uint8', data: new Uint8Array(784) } as const;
  const label = { shape: [1], dtype: 'int32', data: new Int32Array(1) } as const;
  fillBatch(train, [0], { image, label });
  expect(label.data[0]).toBe(5);
  // Row 5 from the twelfth pixel on.
  expect([...image.data.subarray(5 * 28 + 12, 5 * 28 + 24)]).toEqual([
    3, 18, 18, 18, 126, 136, 175, 26, 166, 255, 247, 127,
  ]);
});

test('a seed draws other validation examples, of the same 60000', async () => {
  const [last, drawn, again] = [await mnist(), await mnist({ seed: 3 }), await mnist({ seed: 3 })];
  const labels = ({ validation }: typeof last) => {
    const found = new Int32Array(validation.size);
    validation.read([...found.keys()], 'label', found);
    return found;
  };
  expect(labels(drawn)).toEqual(labels(again));
  expect(labels(drawn)).not.toEqual(labels(last));
  expect(labelCounts(drawn.validation, labelCounts(drawn.train))).toEqual(trainLabels);
});
