/**
 * Which figures of the screen have just changed, and by how much: the newest first, since
 * this display came to the scene. It has no data of its own: it sees what other panels get.
 *
 * @import {Header, PanelSpec} from '../types.js'
 * @import {Figure} from './figures.js'
 */
import { make, say } from '../dom.js';
import { clock, parse } from '../time.js';
import { Shell } from './shell.js';

/** How many changes are kept; more do not fit a line. */
const KEPT = 6;

export class TickerPanel {
  /** @type {Shell} */ shell;
  #list = make('ol');
  /** @type {Map<string, Figure>} */ #figures = new Map();
  /** @type {{id: string, time: string, text: string}[]} */ #changes = [];

  /** @param {PanelSpec} spec */
  constructor(spec) {
    this.shell = new Shell(spec);
    this.shell.body.append(this.#list);
  }

  draw() {}

  /** Takes the figures that came with a batch. @param {Figure[]} figures @param {boolean} anew @param {Header} header */
  noticed(figures, anew, header) {
    const at = parse(header.as_of);
    const time = at === null ? '' : clock(at);
    if (anew) {
      this.#figures.clear();
      this.#changes = [{ id: '', time, text: '尚无变动' }];
    }
    for (const figure of figures) {
      const before = this.#figures.get(figure.id);
      this.#figures.set(figure.id, figure);
      if (!before || before.text === figure.text) continue;
      const by = before.value !== null && figure.value !== null ? figure.value - before.value : 0;
      const change = by === 0 ? '' : `（${by > 0 ? '+' : '−'}${Math.abs(Math.round(by * 100) / 100)}）`;
      // One line a figure: what it was a moment ago is no news any more.
      this.#changes = this.#changes.filter((c) => c.id !== '' && c.id !== figure.id);
      this.#changes.unshift({ id: figure.id, time, text: `${figure.label} ${figure.text}${figure.unit}${change}` });
    }
    this.#changes.length = Math.min(this.#changes.length, KEPT);
    while (this.#list.children.length > this.#changes.length) this.#list.lastChild?.remove();
    this.#changes.forEach(({ time: when, text }, i) => {
      const item = this.#list.children[i] ?? this.#list.appendChild(make('li', '', make('time'), make('span')));
      const [stamp, words] = item.children;
      if (stamp && words) {
        say(stamp, when);
        say(words, text);
      }
    });
  }

  resize() {}

  dispose() {}
}
