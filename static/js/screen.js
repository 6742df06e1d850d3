/**
 * The screen: its panels on the grid of the layout that fits the display.
 *
 * @import {Header, PanelUpdate, Screen} from './types.js'
 * @import {Panel, Surroundings} from './panels/panels.js'
 */
import { makePanel } from './panels/panels.js';
import { fit } from './scale.js';
import { choose } from './theme.js';

export class ScreenView {
  /** @type {HTMLElement} */ #element;
  /** @type {Screen} */ #screen;
  /** @type {Map<string, Panel>} */ #panels = new Map();
  /** @type {boolean} */ #wall;

  /**
   * @param {HTMLElement} element
   * @param {Screen} screen
   * @param {{wall: boolean, pick: (key: string) => void, now: () => number}} how
   */
  constructor(element, screen, { wall, pick, now }) {
    this.#element = element;
    this.#screen = screen;
    this.#wall = wall;
    /** @type {Surroundings} */
    const around = { pick, now, sources: screen.sources ?? [] };
    for (const spec of screen.panels) {
      const panel = makePanel(spec, around);
      this.#panels.set(spec.id, panel);
      element.append(panel.shell.element);
    }
    this.fit();
  }

  /** Lays the panels out for the display as it is now. */
  fit() {
    const { layout, unit } = fit(innerWidth, innerHeight, this.#wall);
    const root = document.documentElement;
    root.dataset.layout = layout;
    root.dataset.hand = String(layout === 'tablet' || layout === 'narrow');
    root.style.setProperty('--u', `${unit}px`);
    if (!root.dataset.theme) choose(root.dataset.hand === 'true');
    const grid = this.#screen.grid.find((g) => g.name === layout);
    if (grid) {
      this.#element.style.gridTemplateColumns = grid.columns.map(size).join(' ');
      this.#element.style.gridTemplateRows = grid.rows.map(size).join(' ');
      this.#element.style.gridTemplateAreas = grid.areas.map((line) => `"${line}"`).join(' ');
    }
    for (const panel of this.#panels.values()) panel.resize(unit);
  }

  /**
   * Draws everything that came with a batch.
   * @param {PanelUpdate[]} updates
   * @param {{header: Header, region: string, anew: boolean}} scene
   */
  draw(updates, { header, region, anew }) {
    for (const update of updates) this.#panels.get(update.id)?.draw(update, anew, header);
    for (const update of updates) this.#panels.get(update.id)?.shell.head(update.data);
    const figures = updates.flatMap((update) => update.data.figures ?? []);
    const checks = header.checks ?? [];
    for (const panel of this.#panels.values()) {
      panel.shell.checked(checks, region);
      panel.judged?.(checks);
      if (anew || figures.length) panel.noticed?.(figures, anew, header);
    }
  }

  /** Takes the panels off the page. */
  dispose() {
    for (const panel of this.#panels.values()) {
      panel.dispose();
      panel.shell.element.remove();
    }
  }

  /** @param {string} number */
  approved(number) {
    for (const panel of this.#panels.values()) panel.approved?.(number);
  }
}

/**
 * A size of the grid as CSS: "150u" is 150 units.
 * @param {string} text
 */
function size(text) {
  if (text.endsWith('u')) return `calc(${text.slice(0, -1)} * var(--u))`;
  return text.endsWith('fr') ? `minmax(0, ${text})` : text;
}
