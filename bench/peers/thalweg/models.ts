import {
  activation,
  batchNormalization,
  compose,
  conv,
  dense,
  embedding,
  flattenLayer,
  layerNormalization,
  learnedPositions,
  lstm,
  type Model,
  maxPooling,
  mlp,
  sequential,
  transformerBlock,
} from '../../../src/nn/index.ts';
import type { Workload } from '../peer.ts';

/** The name in these models of a tensor of a workload (spec.ts). */
export const nameInModel = (name: string): string =>
  name
    .replace(/\.scale$/, '.gain')
    .replace(/\.shift$/, '.bias')
    .replace(/^positions$/, 'positions.weight')
    .replace(/^(block\d+)\.(qkv|out)\./, '$1.attention.$2.')
    .replace(/^(block\d+)\.(up|down)\./, '$1.mlp.$2.');

type Build = (workload: Workload) => Model;

const shapeOf = ({ tensors }: Workload, name: string): readonly number[] => tensors[name].shape;

export const mlpModel: Build = (workload) => {
  const sizes = [shapeOf(workload, 'x')[1]];
  for (let layer = 1; `fc${layer}.weight` in workload.tensors; layer++)
    sizes.push(shapeOf(workload, `fc${layer}.weight`)[0]);
  return mlp(sizes);
};

const lenet: Build = () =>
  sequential({
    conv1: conv(1, 6, 5, { padding: 2 }),
    relu1: activation('relu'),
    pool1: maxPooling(2),
    conv2: conv(6, 16, 5),
    relu2: activation('relu'),
    pool2: maxPooling(2),
    flatten: flattenLayer(),
    fc1: dense(400, 120),
    relu3: activation('relu'),
    fc2: dense(120, 84),
    relu4: activation('relu'),
    fc3: dense(84, 10, { role: 'head' }),
  });

const residual = (inputs: number, outputs: number): Model => {
  const stride = inputs === outputs ? 1 : 2;
  const around = { padding: 1, bias: false };
  const parts = {
    conv1: conv(inputs, outputs, 3, { ...around, stride }),
    norm1: batchNormalization(outputs),
    conv2: conv(outputs, outputs, 3, around),
    norm2: batchNormalization(outputs),
  };
  if (stride === 1) {
    return compose(parts, (f, x) =>
      f
        .norm2(f.conv2(f.norm1(f.conv1(x)).relu()))
        .add(x)
        .relu(),
    );
  }
  const project = conv(inputs, outputs, 1, { stride, bias: false });
  return compose({ ...parts, project, normp: batchNormalization(outputs) }, (f, x) =>
    f
      .norm2(f.conv2(f.norm1(f.conv1(x)).relu()))
      .add(f.normp(f.project(x)))
      .relu(),
  );
};

const resnet8: Build = () =>
  compose(
    {
      stem: sequential({ conv: conv(3, 16, 3, { padding: 1, bias: false }), norm: batchNormalization(16) }),
      block1: residual(16, 16),
      block2: residual(16, 32),
      block3: residual(32, 64),
      fc: dense(64, 10, { role: 'head' }),
    },
    (f, x) => f.fc(f.block3(f.block2(f.block1(f.stem(x).relu()))).mean([2, 3])),
  );

const lstmModel: Build = (workload) => {
  const [vocabulary, width] = shapeOf(workload, 'embedding.weight');
  const hidden = shapeOf(workload, 'lstm.weightHidden')[1];
  return sequential({
    embedding: embedding(vocabulary, width),
    lstm: lstm(width, hidden),
    head: dense(hidden, vocabulary, { role: 'head' }),
  });
};

const gptModel: Build = (workload) => {
  const [vocabulary, width] = shapeOf(workload, 'tokens.weight');
  const blocks: Record<string, Model> = {};
  for (let i = 0; `block${i}.qkv.weight` in workload.tensors; i++)
    blocks[`block${i}`] = transformerBlock(width, workload.numbers.heads);
  return sequential({
    tokens: embedding(vocabulary, width),
    positions: learnedPositions(shapeOf(workload, 'tokens')[1], width),
    ...blocks,
    norm: layerNormalization(width),
    head: dense(width, vocabulary, { role: 'head' }),
  });
};

/** The models of the training kinds; all take `x`, or `tokens` where there is none, to logits. */
export const models: Readonly<Record<string, Build | undefined>> = {
  mlp: mlpModel,
  lenet,
  resnet8,
  lstm: lstmModel,
  gpt: gptModel,
};
