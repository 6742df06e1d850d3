/**
 * The panels without figures of their own: the strip of checks, and text.
 *
 * @import {Amount, Check, PanelSpec, PanelUpdate} from '../types.js'
 */
import { make, say } from '../dom.js';
import { strip } from '../truth.js';
import { Shell } from './shell.js';

export class ChecksPanel {
  /** @type {Shell} */ shell;
  #summary = make('p', 'summary');
  #list = make('ul');

  /** @param {PanelSpec} spec @param {string[]} sources the systems whose figures the screen shows */
  constructor(spec, sources) {
    this.shell = new Shell(spec);
    this.shell.body.append(make('div', 'results', this.#summary, this.#list));
    // The way in at a keyboard; a hand touches the strip anywhere.
    const ask = make('button', 'ask', '勾稽卡');
    ask.type = 'button';
    ask.setAttribute('aria-haspopup', 'dialog');
    this.shell.aside(ask);
    this.shell.element.classList.add('asks');
    if (sources.length) this.shell.body.append(make('p', 'sources', `来源 ${sources.join('、')}`));
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

  dispose() {}
}

/** Words: the panel's own, or those of a metric, row by row. */
export class TextPanel {
  /** @type {Shell} */ shell;
  #own = make('p');
  #rows = make('div', 'paragraphs');
  #empty = make('p', 'empty');

  /** @param {PanelSpec} spec */
  constructor(spec) {
    this.shell = new Shell(spec);
    this.shell.body.append(this.#own, this.#rows, this.#empty);
    say(this.#own, spec.text ?? '');
    this.#own.hidden = !spec.text;
  }

  /** @param {PanelUpdate} update */
  draw({ data }) {
    say(this.#empty, data.empty ?? '');
    /** @type {{key: string, title: string, lines: (Amount & {label: string})[]}[]} */
    const paragraphs = data.paragraphs ?? [];
    while (this.#rows.children.length > paragraphs.length) this.#rows.lastChild?.remove();
    paragraphs.forEach(({ title, lines }, i) => {
      const item = this.#rows.children[i] ?? this.#rows.appendChild(make('section', '', make('h3'), make('dl')));
      const [head, list] = item.children;
      if (!head || !list) return;
      say(head, title);
      while (list.children.length > lines.length) list.lastChild?.remove();
      lines.forEach((line, k) => {
        const pair = /** @type {HTMLElement} */ (list.children[k] ?? list.appendChild(make('div', '', make('dt'), make('dd'))));
        const [label, words] = pair.children;
        pair.dataset.state = line.state;
        if (label && words) {
          say(label, line.label);
          say(words, line.text + line.unit);
        }
      });
    });
  }

  resize() {}

  dispose() {}
}
