// The repository pins its own Node through optional dependencies; whoever installs the package has a Node and must not get another one
// into node_modules/.bin. `prepack` leaves those out of package.json, `postpack` puts the file back.
import { copyFileSync, existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';

const file = 'package.json';
const kept = 'package.json.kept';

if (process.argv[2] === 'strip') {
  if (!existsSync(kept)) copyFileSync(file, kept);
  const { optionalDependencies: _, allowScripts: __, ...manifest } = JSON.parse(readFileSync(kept, 'utf8'));
  const { prepare: ___, ...scripts } = manifest.scripts;
  writeFileSync(file, `${JSON.stringify({ ...manifest, scripts }, null, 2)}\n`);
} else if (existsSync(kept)) {
  renameSync(kept, file);
}
