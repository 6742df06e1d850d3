/**
 * The panels without figures of their own: the strip of checks, and text.
 *
 * @import {Check, PanelSpec} from '../types.js'
 */
import { make, say } from '../dom.js';
import { strip } from '../truth.js';
import { Shell } from './shell.js';

export class ChecksPanel {
  /** @type {Shell} */ shell;
  #summary = make('p', 'summary');
  #list = make('ul');

  /** @param {PanelSpec} spec */
  constructor(spec) {
    this.shell = new Shell(spec);
    this.shell.body.append(this.#summary, this.#list);
  }

  draw() {}

  /** @param {Check[]} checks */
  judged(checks) {
    const { summary, failed } = strip(checks);
    say(this.#summary, summary);
    this.shell.element.dataset.state = failed.length ? 'failed' : 'holding';
    const lines = failed.map((f) => `${f.title}　${f.words}`);
    while (this.#list.children.length > lines.length) this.#list.lastChild?.remove();
    lines.forEach((line, i) => {
      const item = this.#list.children[i] ?? this.#list.appendChild(make('li'));
      say(item, line);
      if (item instanceof HTMLElement) item.dataset.policy = failed[i]?.policy;
    });
  }

  resize() {}
}

export class TextPanel {
  /** @type {Shell} */ shell;

  /** @param {PanelSpec} spec */
  constructor(spec) {
    this.shell = new Shell(spec);
    this.shell.body.append(make('p', '', spec.text ?? ''));
  }

  draw() {}

  resize() {}
}
