import type { ComputeName } from '../tensor/attrs.ts';
import { compositeCases, convolutionCases, linalgCases } from './cases-algebra.ts';
import { binaryCases, compareCases, logicCases, selectionCases, unaryCases } from './cases-elementwise.ts';
import { indexCases, leafCases, movementCases, reduceCases } from './cases-structure.ts';
import type { OpCase } from './op-case.ts';

export { caseInputs } from './draw.ts';

/**
 * Uses of every op: what each engine must compute alike, and where derivatives are checked by finite differences. A total record, so
 * the compiler names the op that has no case yet. Inputs stay away from kinks unless a case says it is not differentiable.
 */
export const opCases: { readonly [K in ComputeName]: readonly OpCase[] } = {
  ...leafCases,
  ...unaryCases,
  ...binaryCases,
  ...compareCases,
  ...logicCases,
  ...selectionCases,
  ...reduceCases,
  ...movementCases,
  ...indexCases,
  ...linalgCases,
  ...convolutionCases,
  ...compositeCases,
};
