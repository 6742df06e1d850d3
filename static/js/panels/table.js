/**
 * Codes by measures: the classes of assets with count and values.
 *
 * @import {Amount, PanelSpec, PanelUpdate} from '../types.js'
 * @typedef {{columns: {name: string, label: string, unit: string}[],
 *   rows: {key: string, label: string, sum?: boolean, cells: Amount[]}[]}} Table
 */
import { make, say } from '../dom.js';
import { mark } from '../mark.js';
import { Shell } from './shell.js';

export class TablePanel {
  /** @type {Shell} */ shell;
  #head = make('tr');
  #body = make('tbody');
  /** @type {Map<string, HTMLTableRowElement>} */ #rows = new Map();

  /** @param {PanelSpec} spec */
  constructor(spec) {
    this.shell = new Shell(spec);
    this.shell.body.append(make('table', '', make('thead', '', this.#head), this.#body));
  }

  /** @param {PanelUpdate} update @param {boolean} anew */
  draw(update, anew) {
    const { columns, rows } = /** @type {Table} */ (update.data);
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
    for (const { key, label, sum, cells: amounts } of rows) {
      let row = this.#rows.get(key);
      if (!row) {
        row = make('tr', sum ? 'sum' : '');
        this.#rows.set(key, row);
      }
      this.#body.append(row);
      cells(row, amounts.length + 1, 'td').forEach((cell, i) => {
        const amount = amounts[i - 1];
        const changed = say(cell, amount ? amount.text : label);
        if (amount) cell.dataset.state = amount.state;
        if (changed && !anew) mark(cell);
      });
    }
  }

  resize() {}
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
