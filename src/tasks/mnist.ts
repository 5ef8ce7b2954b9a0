import { type MnistOptions, mnist, mnistPixels } from '../data/mnist.ts';
import { compose, sequential } from '../nn/compose.ts';
import { conv } from '../nn/conv.ts';
import { dense } from '../nn/dense.ts';
import { zeros } from '../nn/init.ts';
import { errorRate, meanCrossEntropy } from '../nn/losses.ts';
import { mlp } from '../nn/mlp.ts';
import type { Model } from '../nn/model.ts';
import { type ActivationName, activation, flattenLayer, maxPooling, stateless } from '../nn/stateless.ts';
import { defineTask, type TaskDefinition } from './define.ts';
import type { Task } from './task.ts';

/** Where the data lies. */
export type MnistFiles = Pick<MnistOptions, 'from'>;

/** What the tasks on MNIST share: grey values standardised inside the graph, cross-entropy, the error rate. */
const onMnist = (
  { from }: MnistFiles,
  own: Pick<TaskDefinition, 'id' | 'summary' | 'model' | 'target'> & Partial<Pick<TaskDefinition, 'steps'>>,
): Task =>
  defineTask({
    batchSize: 128,
    steps: 1170, // 3 epochs of 50000 examples
    data: () => mnist({ from }),
    input: ({ image }, dtype) =>
      image
        .cast(dtype)
        .mul(1 / (255 * mnistPixels.std))
        .sub(mnistPixels.mean / mnistPixels.std),
    loss: (logits, { label }) => meanCrossEntropy(logits, label),
    labels: 'label',
    metrics: (logits, { label }) => ({ error: errorRate(logits, label) }),
    ...own,
  });

/** Multinomial logistic regression on MNIST: convex; starts at 0, where the loss is log 10. */
export const logisticMnist = (files: MnistFiles = {}): Task =>
  onMnist(files, {
    id: 'logistic-mnist',
    summary: 'Logistic regression on MNIST: convex',
    model: sequential({ head: dense(784, 10, { role: 'head', init: zeros, biasInit: zeros }) }),
    target: { metric: 'error', value: 0.075 },
  });

export interface MnistMlpOptions extends MnistFiles {
  /** Widths of the hidden layers. Default [128, 64]. */
  hidden?: readonly number[];
  /** Default 'relu'. */
  activation?: ActivationName;
}

/** A perceptron 784-128-64-10 on MNIST. */
export const mnistMlp = ({ hidden = [128, 64], activation: name = 'relu', ...files }: MnistMlpOptions = {}): Task =>
  onMnist(files, {
    id: 'mnist-mlp',
    summary: `A ${name} perceptron ${[784, ...hidden, 10].join('-')} on MNIST`,
    model: mlp([784, ...hidden, 10], { activation: name }),
    target: { metric: 'error', value: 0.03 },
  });

export interface MnistCnnOptions extends MnistFiles {
  /** Of the two convolutions. Default [6, 16]. */
  channels?: readonly [number, number];
  /** Widths of the hidden layers after them. Default [120, 84]. */
  hidden?: readonly number[];
}

/**
 * A convolutional network like LeNet-5 (LeCun et al. 1998, figure 2) on MNIST, with ReLU for its squashing functions and maxima for its
 * trained subsampling: two 5 by 5 convolutions, each with pooling, and a perceptron 400-120-84-10.
 */
export const mnistCnn = ({ channels = [6, 16], hidden = [120, 84], ...files }: MnistCnnOptions = {}): Task =>
  onMnist(files, {
    id: 'mnist-cnn',
    summary: 'A LeNet on MNIST',
    model: leNet(channels, hidden),
    target: { metric: 'error', value: 0.015 },
  });

const leNet = ([first, second]: readonly [number, number], hidden: readonly number[]): Model =>
  compose(
    {
      image: stateless((x) => x.reshape([x.shape[0], 1, 28, 28])),
      conv1: conv(1, first, 5, { padding: 2 }),
      conv2: conv(first, second, 5),
      relu: activation('relu'),
      pool: maxPooling(2),
      flat: flattenLayer(),
      head: mlp([second * 25, ...hidden, 10]),
    },
    ({ image, conv1, conv2, relu, pool, flat, head }, x) => head(flat(pool(relu(conv2(pool(relu(conv1(image(x))))))))),
  );
