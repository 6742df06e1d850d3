/**
 * From all to the few: each step with its number and its share of the first.
 *
 * @import {Amount, PanelSpec, PanelUpdate} from '../types.js'
 * @typedef {Amount & {key: string, label: string, share: number, percent: string}} Step
 */
import { make, say } from '../dom.js';
import { mark } from '../mark.js';
import { Shell } from './shell.js';

export class PathPanel {
  /** @type {Shell} */ shell;
  #steps = make('ol');
  #empty = make('p', 'empty');

  /** @param {PanelSpec} spec */
  constructor(spec) {
    this.shell = new Shell(spec);
    this.shell.body.append(this.#steps, this.#empty);
  }

  /** @param {PanelUpdate} update @param {boolean} anew */
  draw({ data }, anew) {
    const steps = /** @type {Step[]} */ (data.steps);
    say(this.#empty, data.empty ?? '');
    this.#steps.dataset.form = steps[0]?.key === 'whole' ? 'parts' : 'steps';
    while (this.#steps.children.length > steps.length) this.#steps.lastChild?.remove();
    steps.forEach((step, i) => {
      const item = /** @type {HTMLElement} */ (this.#steps.children[i] ?? this.#steps.appendChild(newStep()));
      const [label, number, track, percent] = /** @type {HTMLElement[]} */ ([...item.children]);
      if (!label || !number || !track || !percent) return;
      item.dataset.state = step.state;
      say(label, step.label);
      const [text, unit] = number.children;
      if (text && say(text, step.text) && !anew) mark(text);
      if (unit) say(unit, step.unit);
      /** @type {HTMLElement} */ (track.firstChild).style.width = `${step.share * 100}%`;
      say(percent, step.percent);
    });
  }

  resize() {}

  dispose() {}
}

function newStep() {
  return make('li', '', make('h3'), make('p', 'value', make('b'), make('i')), make('div', 'track', make('span', 'part')), make('p', 'percent'));
}
