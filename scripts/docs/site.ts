import { raceJsonSchema } from '../../src/lab/race-json-schema.ts';
import { disagreementsPage } from './disagreements-page.ts';
import { allPages, type Page } from './entries.ts';
import { familiesOf, familyTitle } from './families.ts';
import { memoryPage } from './memory-page.ts';
import { methodIndex } from './method-index.ts';
import { methodPage } from './method-page.ts';
import { protocolsPage } from './protocols-page.ts';

const sidebar = (pages: readonly Page[]) =>
  familiesOf(pages).map((family) => ({
    text: familyTitle(family),
    items: pages.filter((page) => page.family === family).map(({ id }) => ({ text: id, link: `/methods/${id}` })),
  }));

/** Every generated file by its path from docs/, made from the registries, what is measured, and src/optim/about. */
export async function sitePages(): Promise<Map<string, string>> {
  const pages = await allPages();
  return new Map([
    ['methods/index.md', methodIndex(pages)],
    ...pages.map((page): [string, string] => [`methods/${page.id}.md`, methodPage(page, pages)]),
    ['disagreements.md', disagreementsPage(pages)],
    ['memory.md', memoryPage(pages)],
    ['protocols.md', protocolsPage()],
    ['../schema/race.schema.json', `${JSON.stringify(raceJsonSchema(), null, 2)}\n`],
    ['.vitepress/sidebar.json', `${JSON.stringify(sidebar(pages), null, 2)}\n`],
  ]);
}
