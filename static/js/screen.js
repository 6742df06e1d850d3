/**
 * The screen: its panels on the grid of the layout that fits the display.
 *
 * @import {Header, PanelUpdate, Screen} from './types.js'
 * @import {Panel, Surroundings} from './panels/panels.js'
 * @typedef {{screen: string, region: string, data: Map<string, any>}} Then a scene of before: the data of its panels
 */
import { besideFigures, overMap } from './change.js';
import { makePanel } from './panels/panels.js';
import { fit } from './scale.js';
import { choose } from './theme.js';

export class ScreenView {
  /** @type {HTMLElement} */ #element;
  /** @type {Screen} */ #screen;
  /** @type {Map<string, Panel>} */ #panels = new Map();
  /** @type {boolean} */ #wall;
  /** What is drawn, by panel. @type {Map<string, PanelUpdate>} */ #drawn = new Map();
  /** The region and batch that are drawn. @type {{region: string, header: Header}|null} */ #scene = null;
  /** What it is compared with. @type {Then|null} */ #then = null;

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
    this.#scene = { region, header };
    for (const update of updates) {
      this.#drawn.set(update.id, { ...this.#drawn.get(update.id), ...update });
      this.#lay(update, anew, header);
    }
    for (const update of updates) this.#panels.get(update.id)?.shell.head(update.data);
    const figures = updates.flatMap((update) => update.data.figures ?? []);
    const checks = header.checks ?? [];
    for (const panel of this.#panels.values()) {
      panel.shell.checked(checks, region);
      panel.judged?.(checks);
      if (anew || figures.length) panel.noticed?.(figures, anew, header);
    }
  }

  /**
   * Draws a panel, with the difference where there is something to compare with.
   * @param {PanelUpdate} update
   * @param {boolean} anew
   * @param {Header} header
   */
  #lay(update, anew, header) {
    const panel = this.#panels.get(update.id);
    if (!panel) return;
    const then = this.#then?.screen === this.#screen.id && this.#then.region === this.#scene?.region ? this.#then.data.get(update.id) : undefined;
    panel.draw(then && panel.shell.spec.kind === 'map' ? overMap(update, then) : update, anew, header);
    if (update.data.figures) besideFigures(panel.shell.element, update.data, then);
  }

  /** Lays the difference since a scene of before over figures and map; null takes it away. @param {Then|null} then */
  compare(then) {
    if (then === this.#then) return;
    this.#then = then;
    if (this.#scene) for (const update of this.#drawn.values()) this.#lay(update, true, this.#scene.header);
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
