import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { methodDocs } from './method-docs.ts';

const file = join(import.meta.dirname, '..', 'docs', 'methods.md');
await writeFile(file, await methodDocs());
process.stdout.write(`wrote ${file}\n`);
