import { describe, expect, it } from 'vitest';
import { dense, errorRate, meanCrossEntropy, sequential, activation } from '../src/nn/index.ts';
import { arrayDataset, split } from '../src/data/index.ts';
import { methods } from '../src/optim/index.ts';
import { partition } from '../src/runtime/auto/partition.ts';
import type { EngineName } from '../src/runtime/engine.ts';
import { fillRandom } from '../src/runtime/random.ts';
import { createRuntime } from '../src/runtime/runtime.ts';
import type { LossInput, Task } from '../src/tasks/task.ts';
import { train } from '../src/train/index.ts';

// Every method, as the trainer runs it, on every native engine against the reference. The model is large enough for `auto` to use both engines.
