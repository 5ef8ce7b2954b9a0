import { defineComponent, h, onMounted, ref, watch } from 'vue';

/** Numbers first and by size ('0.148', '1 grad' by its number), then words. */
const compare = (a: string, b: string): number => {
  const [x, y] = [Number.parseFloat(a.replaceAll(',', '')), Number.parseFloat(b.replaceAll(',', ''))];
  const [isX, isY] = [!Number.isNaN(x), !Number.isNaN(y)];
  if (isX && isY && x !== y) return x - y;
  return isX === isY ? a.localeCompare(b) : isX ? -1 : 1;
};

function sortBy(table: HTMLTableElement, column: number): void {
  const heads = [...(table.tHead?.rows[0].cells ?? [])];
  const descending = heads[column].getAttribute('aria-sort') === 'ascending';
  for (const head of heads) head.removeAttribute('aria-sort');
  heads[column].setAttribute('aria-sort', descending ? 'descending' : 'ascending');
  const text = (row: HTMLTableRowElement) => row.cells[column]?.textContent ?? '';
  const [body] = table.tBodies;
  const rows = [...body.rows].sort((a, b) => (descending ? -1 : 1) * compare(text(a), text(b)));
  body.append(...rows);
}

function makeSortable(table: HTMLTableElement): void {
  [...(table.tHead?.rows[0].cells ?? [])].forEach((head, column) => {
    const button = document.createElement('button');
    button.append(...head.childNodes);
    button.addEventListener('click', () => sortBy(table, column));
    head.append(button);
  });
}

/** Shows the rows and list items that have all the words, and the headings that still have something under them. */
function filter(root: HTMLElement, words: readonly string[]): number {
  let shown = 0;
  for (const item of root.querySelectorAll<HTMLElement>('tbody tr, .cases > ul > li')) {
    const section = item.closest('.cases')?.previousElementSibling;
    // A case also goes by the heading that it stands under.
    const text = `${item.textContent} ${section?.textContent ?? ''}`.toLowerCase();
    const matches = words.every((word) => text.includes(word));
    item.hidden = !matches;
    if (matches) shown++;
  }
  for (const heading of root.querySelectorAll<HTMLElement>('h2, h3')) {
    const rank = Number(heading.tagName[1]);
    let under = heading.nextElementSibling;
    const items: HTMLElement[] = [];
    for (
      ;
      under && !(/^H[1-6]$/.test(under.tagName) && Number(under.tagName[1]) <= rank);
      under = under.nextElementSibling
    ) {
      items.push(...under.querySelectorAll<HTMLElement>('tbody tr, .cases > ul > li'));
    }
    heading.hidden = items.length > 0 && items.every(({ hidden }) => hidden);
  }
  return shown;
}

/** A field that filters the tables and lists within, whose columns can be sorted. Without script they are as they were written. */
export const DataTable = defineComponent({
  props: { placeholder: { type: String, default: 'Filter' } },
  setup({ placeholder }, { slots }) {
    const root = ref<HTMLElement>();
    const text = ref('');
    const shown = ref<number>();
    onMounted(() => {
      for (const table of root.value?.querySelectorAll('table') ?? []) makeSortable(table);
    });
    watch(text, (now) => {
      const words = now.toLowerCase().split(/\s+/).filter(Boolean);
      if (!root.value) return;
      const count = filter(root.value, words);
      shown.value = words.length === 0 ? undefined : count;
    });
    return () =>
      h('div', { class: 'data-table' }, [
        h('p', { class: ['filter', { active: text.value !== '' }] }, [
          h('input', {
            type: 'search',
            placeholder,
            'aria-label': 'Filter',
            value: text.value,
            onInput: ({ target }: InputEvent) => {
              text.value = (target as HTMLInputElement).value;
            },
          }),
          h('span', { role: 'status' }, shown.value === undefined ? '' : `${shown.value} found`),
        ]),
        h('div', { ref: root }, slots.default?.()),
      ]);
  },
});
