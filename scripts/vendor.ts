/**
 * The last step of a build: of packages that commands load, hundreds of files, it makes one file each under dist/vendor with what thalweg
 * uses of them, and their licences beside these: to open them took half of the time of `thalweg runs`. All modules of thalweg stay files
 * of their own, so that a user's program and the command line share them.
 */
import { globSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, isAbsolute, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'vite';

/** Of many modules, pure JavaScript for Node and browsers, and of which users meet no class or symbol. */
const vendored = ['@observablehq/plot', 'commander', 'hyparquet-writer', 'kysely', 'zod'];

const dist = fileURLToPath(new URL('../dist', import.meta.url));
const isVendored = (id: string): boolean => vendored.some((name) => id === name || id.startsWith(`${name}/`));

/** Does a compiled module import any of them? */
const imported = /\bfrom '([^']+)'|\bimport\('([^']+)'\)/g;
const importsVendored = (file: string): boolean =>
  [...readFileSync(join(dist, file), 'utf8').matchAll(imported)].some(([, first, later]) => isVendored(first ?? later));

/** The folder of the package that a file belongs to, and the package's name. */
const inPackage = /^.*\/node_modules\/((?:@[^/]+\/)?[^/]+)/;

const modules = globSync('**/*.js', { cwd: dist }).filter(importsVendored);
const written = await build({
  configFile: false,
  root: dirname(dist),
  logLevel: 'warn',
  ssr: { noExternal: true },
  build: {
    ssr: true,
    outDir: dist,
    emptyOutDir: false,
    minify: false,
    target: 'node22',
    rolldownOptions: {
      input: Object.fromEntries(modules.map((file) => [file.replace(/\.js$/, ''), join(dist, file)])),
      external: (id, importer) => importer?.startsWith(dist) === true && !isAbsolute(id) && !isVendored(id),
      output: {
        entryFileNames: '[name].js',
        chunkFileNames: 'vendor/[name].js',
        codeSplitting: {
          groups: [
            {
              test: inPackage,
              debugName: 'package',
              name: (id) => inPackage.exec(id)?.[1].match(/\w+/g)?.join('-') ?? null,
            },
          ],
        },
      },
    },
  },
});

const parts = [written].flat().flatMap((one) => ('output' in one ? one.output : []));
const files = parts.flatMap((part) => (part.type === 'chunk' ? part.moduleIds : []));
const folders = new Map(
  files.flatMap((id) => {
    const found = inPackage.exec(id);
    return found ? [[found[1], found[0]] as const] : [];
  }),
);
const licences = [...folders].map(([name, folder]) => {
  const [file] = globSync('{LICEN[CS]E,licen[cs]e}*', { cwd: folder });
  return `${name}\n\n${readFileSync(join(folder, file), 'utf8').trim()}\n`;
});
writeFileSync(join(dist, 'vendor', 'LICENSES.txt'), licences.join(`\n${'-'.repeat(80)}\n\n`));
