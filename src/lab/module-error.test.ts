import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';

// Modules are loaded by Node itself, not by the loader of the tests.

const run = promisify(execFile);
const folder = mkdtempSync(join(tmpdir(), 'thalweg-modules-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** Each file by its name, what it holds, and what is said of it; files without are only imported. */
const files: readonly (readonly [string, string, string?])[] = [
  [
    'types.ts',
    "export default {\n  tasks: ['beale'],\n  competitors: ['adam', 'sgd'\n  seeds: 2,\n};\n",
    "types.ts:4:3: Expected ',', got 'ident'; here: seeds: 2,",
  ],
  ['tabs.ts', '\tconst a: number = 1;\n\t\tconst b = (;\n', 'tabs.ts:2:14: Expression expected; here: const b = (;'],
  [
    'plain.mjs',
    "export default {\n  competitors: ['adam', 'sgd'\n  seeds: 2,\n};\n",
    "plain.mjs:3:3: Unexpected identifier 'seeds'; here: seeds: 2,",
  ],
  [
    'enum.ts',
    '\nenum Size { Small }\n',
    'enum.ts:2:1: TypeScript enum is not supported in strip-only mode: Node only erases types; write it without enum, namespace and parameter property; here: enum Size { Small }',
  ],
  [
    'lines.ts',
    'export enum Size {\n  Small,\n}\n',
    'lines.ts:1: TypeScript enum is not supported in strip-only mode: Node only erases types; write it without enum, namespace and parameter property; here: export enum Size {',
  ],
  [
    'throws.ts',
    "const check = (seeds: number) => {\n  if (seeds < 3) throw new Error('too few');\n};\ncheck(2);\n",
    "throws.ts:2:24: too few; here: if (seeds < 3) throw new Error('too few');",
  ],
  ['refers.js', 'export default { tasks: [beale] };', 'refers.js:1:26: beale is not defined; here: export default'],
  ['bare.mjs', "throw 'no error';", 'bare.mjs: no error'],
  ['helper.ts', 'export const a: number = 1;\nexport const b = (;\n'],
  [
    'imports.ts',
    "import './helper.ts';",
    `imports.ts: ${join(folder, 'helper.ts')}:2:19: Expression expected; here: export const b = (;`,
  ],
  ['helper.mjs', 'export const a = 1;\nexport const b = (;\n'],
  [
    'imports.mjs',
    "import './helper.mjs';",
    `imports.mjs: ${join(folder, 'helper.mjs')}:2:19: Unexpected token ';'; here: export const b = (;`,
  ],
  ['fine.mjs', 'export const a = 1;'],
  [
    'names.ts',
    "import { b } from './fine.mjs';",
    "names.ts:1:10: The requested module './fine.mjs' does not provide an export named 'b'; here: import { b } from './fine.mjs';",
  ],
  [
    'package.mjs',
    "import 'no-such-package';",
    `package.mjs: Cannot find package 'no-such-package' imported from ${join(folder, 'package.mjs')}; install it there: npm install no-such-package`,
  ],
  [
    'long.mjs',
    `const a = '${'x'.repeat(300)}'; null.b;`,
    "long.mjs:1:320: Cannot read properties of null (reading 'b'); here: …xx",
  ],
];

const cases = files.flatMap(([name, , said]) => (said === undefined ? [] : [{ name, said }]));
let heard: Readonly<Record<string, string>>;
beforeAll(async () => {
  for (const [name, text] of files) writeFileSync(join(folder, name), text);
  const loader = pathToFileURL(join(import.meta.dirname, 'load-module.ts')).href;
  const program = `
    import { loadModule } from ${JSON.stringify(loader)};
    const heard = {};
    await Promise.all(${JSON.stringify(cases)}.map(async ({ name }) => {
      heard[name] = await loadModule(${JSON.stringify(folder)} + '/' + name).then(() => 'it loads', ({ message }) => message);
    }));
    process.stdout.write(JSON.stringify(heard));
  `;
  const args = ['--conditions=thalweg-source', '--input-type=module', '--eval', program];
  heard = JSON.parse((await run(process.execPath, args)).stdout);
});

test.each(cases)('$name says what is wrong with it, and where', ({ name, said }) => {
  expect(heard[name].startsWith(join(folder, said))).toBe(true);
  expect(heard[name].length).toBeLessThan(400);
});

test('the command says it in one line, and ends with code 2', async () => {
  const main = fileURLToPath(new URL('../cli/main.ts', import.meta.url));
  const ended = run(process.execPath, ['--conditions=thalweg-source', main, 'race', join(folder, 'types.ts')]);
  await expect(ended).rejects.toMatchObject({
    code: 2,
    stdout: '',
    stderr: `thalweg: ${join(folder, 'types.ts')}:4:3: Expected ',', got 'ident'; here: seeds: 2,\n`,
  });
});
