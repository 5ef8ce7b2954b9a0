import type { Splits } from '../data/dataset.ts';
import { sotu, sotuVocabulary } from '../data/sotu.ts';
import { thin } from '../data/split.ts';
import { textWindows } from '../data/text-windows.ts';
import { sequential } from '../nn/compose.ts';
import { dense } from '../nn/dense.ts';
import { embedding } from '../nn/embedding.ts';
import { meanCrossEntropy } from '../nn/losses.ts';
import { lstm } from '../nn/lstm.ts';
import type { Model } from '../nn/model.ts';
import { gpt } from '../nn/transformer.ts';
import { defineTask } from './define.ts';
import type { Target, Task } from './task.ts';

const vocabulary = sotuVocabulary.size;

/** Windows that validate, evenly spread over the validation text: an evaluation costs about as much as ten steps. */
const validationWindows = 1024;

async function windows(length: number): Promise<Splits> {
  const text = await sotu();
  return {
    train: textWindows(text.train, { length }),
    validation: thin(textWindows(text.validation, { length }), validationWindows),
    test: textWindows(text.test, { length }),
  };
}

interface CharModel {
  readonly id: string;
  readonly summary: string;
  readonly model: Model;
  /** Characters in one window. */
  readonly length: number;
  readonly target: Target;
}

/** Next-character prediction; the loss is in nats for each character. */
const onSpeeches = ({ length, ...own }: CharModel): Task =>
  defineTask({
    ...own,
    batchSize: 32,
    steps: 1500,
    data: () => windows(length),
    input: ({ input }) => input,
    loss: (logits, { target }) => meanCrossEntropy(logits, target),
    labels: 'target',
  });

export interface CharLstmOptions {
  /** Of the character vectors. Default 64. */
  width?: number;
  /** Of the state. Default 128. */
  hidden?: number;
  /** Characters in one window. Default 64. */
  length?: number;
}

/** A character LSTM on the State of the Union addresses, forget gates open at the start. */
export const sotuCharLstm = ({ width = 64, hidden = 128, length = 64 }: CharLstmOptions = {}): Task =>
  onSpeeches({
    id: 'sotu-char-lstm',
    summary: 'An LSTM that predicts the next character of State of the Union addresses',
    length,
    model: sequential({
      embedding: embedding(vocabulary, width),
      lstm: lstm(width, hidden, { forgetBias: 1 }),
      head: dense(hidden, vocabulary, { role: 'head' }),
    }),
    target: { metric: 'loss', value: 1.6 },
  });

export interface CharGptOptions {
  /** Of the residual stream. Default 64. */
  width?: number;
  /** Default 4. */
  heads?: number;
  /** Default 2. */
  layers?: number;
  /** Characters in one window. Default 64. */
  length?: number;
}

/** A small causal transformer on the State of the Union addresses. */
export const sotuCharGpt = ({ width = 64, heads = 4, layers = 2, length = 64 }: CharGptOptions = {}): Task =>
  onSpeeches({
    id: 'sotu-char-gpt',
    summary: 'A transformer that predicts the next character of State of the Union addresses',
    length,
    model: gpt({ vocabulary, context: length, width, heads, layers }),
    target: { metric: 'loss', value: 1.5 },
  });
