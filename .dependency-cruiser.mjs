/**
 * Imports run one way: a folder of src/ may import the folders named beside it, and nothing else of ours.
 * The table is the rule; ARCHITECTURE.md says why. Test files may import anything.
 */
const mayImport = {
  tensor: [],
  runtime: ['tensor'],
  nn: ['tensor'],
  optim: ['tensor'],
  data: ['tensor', 'runtime'],
  tasks: ['tensor', 'runtime', 'nn', 'data'],
  train: ['tensor', 'runtime', 'nn', 'optim', 'data', 'tasks'],
  lab: ['tensor', 'runtime', 'nn', 'optim', 'data', 'tasks', 'train'],
  probe: ['tensor', 'runtime', 'nn', 'optim', 'data', 'tasks', 'train'],
  claims: ['tensor', 'runtime', 'nn', 'optim', 'data', 'tasks', 'train', 'lab', 'probe'],
  'index.ts': ['tensor', 'runtime', 'nn', 'optim', 'data', 'tasks', 'train', 'lab', 'probe', 'claims'],
  cli: ['tensor', 'runtime', 'nn', 'optim', 'data', 'tasks', 'train', 'lab', 'probe', 'claims', 'index.ts'],
};

const tests = '[.]test[.]ts$|^src/testing/|^tests/';
const places = (names) => `^src/(${names.join('|').replaceAll('.', '[.]')})(/|$)`;

const oneWay = Object.entries(mayImport).map(([name, allowed]) => ({
  name: `one-way-${name}`,
  comment: `src/${name} may import ${allowed.join(', ') || 'nothing of ours'}`,
  severity: 'error',
  from: { path: places([name]), pathNot: tests },
  to: { path: '^(src|tests|bench|examples|scripts)/', pathNot: places([name, ...allowed]) },
}));

export default {
  forbidden: [
    ...oneWay,
    {
      name: 'known-folder',
      comment: 'Every source file lives in a folder of the table above; a new folder needs a line there.',
      severity: 'error',
      from: { path: '^src/', pathNot: `${tests}|${places(Object.keys(mayImport))}` },
      to: {},
    },
    {
      name: 'no-test-code',
      comment: 'Only tests import tests and their helpers.',
      severity: 'error',
      from: { path: '^src/', pathNot: tests },
      to: { path: tests },
    },
    { name: 'no-circular', severity: 'error', from: {}, to: { circular: true } },
    { name: 'no-unresolvable', severity: 'error', from: {}, to: { couldNotResolve: true } },
    {
      name: 'no-dev-dependency',
      comment: 'What the published package imports must be a dependency or an optional peer dependency.',
      severity: 'error',
      from: { path: '^src/', pathNot: tests },
      to: { dependencyTypes: ['npm-dev'], dependencyTypesNot: ['npm-peer', 'type-only'] },
    },
  ],
  options: {
    // swc reads TypeScript here, type-only imports too: dependency-cruiser's default reader needs the JavaScript API that
    // TypeScript 7 does not have yet.
    parser: 'swc',
    doNotFollow: { path: 'node_modules' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['thalweg-source', 'import', 'node', 'default', 'types'],
      extensions: ['.ts', '.js', '.mjs', '.cjs', '.json'],
    },
  },
};
