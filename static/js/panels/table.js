/**
 * Rows by columns: tables, lists that turn their pages, heat tables, and what departments
 * delivered by months.
 *
 * @import {Amount, PanelSpec, PanelUpdate} from '../types.js'
 * @typedef {Amount & {words?: boolean, shade?: number}} Cell
 * @typedef {{columns: {name: string, label: string, unit: string}[], empty?: string,
 *   rows: {key: string, label: string, sum?: boolean, cells: Cell[]}[]}} Table
 */
import { make, say } from '../dom.js';
import { mark } from '../mark.js';
import { Shell } from './shell.js';

/** How long a page of a list stays, ms. */
const PAGE = 12000;

export class TablePanel {
  /** @type {Shell} */ shell;
  #head = make('tr');
  #body = make('tbody');
  #table = make('table', '', make('thead', '', this.#head), this.#body);
  #empty = make('p', 'empty');
  /** @type {Map<string, HTMLTableRowElement>} */ #rows = new Map();
  /** @type {(key: string) => void} */ #pick;

  /** @param {PanelSpec} spec @param {(key: string) => void} pick called with the code of a region that is touched */
  constructor(spec, pick) {
    this.shell = new Shell(spec);
    this.#pick = pick;
    this.shell.body.append(this.#table, this.#empty);
  }

  /** @param {PanelUpdate} update @param {boolean} anew */
  draw(update, anew) {
    const { columns, rows, empty } = /** @type {Table} */ (update.data);
    say(this.#empty, empty ?? '');
    this.#table.hidden = rows.length === 0;
    this.#table.style.setProperty('--rows', String(rows.length + 1));
    cells(this.#head, columns.length + 1, 'th').forEach((cell, i) => {
      const column = columns[i - 1];
      const text = column ? `${column.label} ${column.unit}` : '';
      if (cell.textContent !== text) cell.replaceChildren(column ? `${column.label} ` : '', make('i', '', column?.unit ?? ''));
    });
    const keys = new Set(rows.map((r) => r.key));
    for (const [key, row] of this.#rows) {
      if (keys.has(key)) continue;
      row.remove();
      this.#rows.delete(key);
    }
    rows.forEach(({ key, label, sum, cells: amounts }, at) => {
      const row = this.#rows.get(key) ?? this.#add(key, sum);
      if (this.#body.children[at] !== row) this.#body.insertBefore(row, this.#body.children[at] ?? null);
      cells(row, amounts.length + 1, 'td').forEach((cell, i) => {
        const amount = amounts[i - 1];
        const changed = say(cell, amount ? amount.text : label);
        if (!amount) return;
        cell.dataset.state = amount.state;
        cell.classList.toggle('words', Boolean(amount.words));
        if (amount.shade === undefined) delete cell.dataset.shade;
        else cell.dataset.shade = String(amount.shade);
        if (changed && !anew) mark(cell);
      });
    });
    this.drawn();
  }

  /** @param {string} key @param {boolean} [sum] */
  #add(key, sum) {
    const row = make('tr', sum ? 'sum' : '');
    this.#rows.set(key, row);
    if (/^\d{6}(\d{3})?$/.test(key)) {
      row.tabIndex = 0;
      row.classList.add('region');
      row.addEventListener('click', () => this.#pick(key));
      row.addEventListener('keydown', (e) => {
        if (e.key === 'Enter') this.#pick(key);
      });
    }
    return row;
  }

  /** The rows as they stand. */
  get lines() {
    return /** @type {HTMLElement[]} */ ([...this.#body.children]);
  }

  /** The height that rows have in the body, in CSS pixels. */
  get room() {
    return this.shell.body.clientHeight - this.#head.offsetHeight;
  }

  drawn() {}

  resize() {}

  dispose() {}
}

/** A table that is longer than its panel: it turns its pages, by the clock, so that all displays turn together. */
export class ListPanel extends TablePanel {
  #pages = make('p', 'pages');
  /** @type {() => number} */ #now;
  /** @type {ReturnType<typeof setTimeout>|undefined} */ #next;
  /** @type {ResizeObserver} */ #watch;

  /** @param {PanelSpec} spec @param {(key: string) => void} pick @param {() => number} now the time, ms */
  constructor(spec, pick, now) {
    super(spec, pick);
    this.#now = now;
    this.shell.aside(this.#pages);
    this.#watch = new ResizeObserver(() => this.#turn());
    this.#watch.observe(this.shell.body);
  }

  /** @override */
  drawn() {
    this.#turn();
  }

  /** Shows the page whose turn it is. */
  #turn() {
    clearTimeout(this.#next);
    const lines = this.lines;
    const height = parseFloat(getComputedStyle(this.shell.element).getPropertyValue('--row')) || 34;
    const unit = parseFloat(getComputedStyle(document.documentElement).getPropertyValue('--u')) || 1;
    const most = Math.max(1, Math.floor(this.room / (height * unit)));
    const hand = this.shell.body.clientHeight === 0 || ['tablet', 'narrow'].includes(document.documentElement.dataset.layout ?? '');
    const pages = hand ? 1 : Math.ceil(lines.length / most) || 1;
    const each = Math.ceil(lines.length / pages); // pages of one length: none is nearly empty
    this.shell.body.style.setProperty('--line-height', hand ? '' : `${Math.min(this.room / each, 46 * unit)}px`);
    const now = this.#now();
    const page = Math.floor(now / PAGE) % pages;
    lines.forEach((line, i) => {
      line.hidden = !hand && Math.floor(i / each) !== page;
    });
    say(this.#pages, pages > 1 ? `${page + 1}/${pages}` : '');
    if (pages > 1) this.#next = setTimeout(() => this.#turn(), PAGE - (now % PAGE));
  }

  /** @override */
  dispose() {
    clearTimeout(this.#next);
    this.#watch.disconnect();
  }
}

/**
 * Gives a row just so many cells.
 * @param {HTMLTableRowElement} row
 * @param {number} count
 * @param {'td'|'th'} tag
 */
function cells(row, count, tag) {
  while (row.cells.length < count) row.append(make(tag));
  while (row.cells.length > count) row.lastChild?.remove();
  return [...row.cells];
}
