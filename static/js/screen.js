/**
 * The screen: its panels on the grid of the layout that fits the display.
 *
 * @import {Header, Layout, PanelSpec, PanelUpdate, Screen} from './types.js'
 * @import {Charts} from './panels/charts.js'
 * @import {Panel, Surroundings} from './panels/panels.js'
 * @import {Tile} from './tiles.js'
 * @typedef {{screen: string, region: string, data: Map<string, any>}} Then a scene of before: the data of its panels
 */
import { besideFigures, overMap } from './change.js';
import { make } from './dom.js';
import { makePanel } from './panels/panels.js';
import { fit } from './scale.js';
import { choose } from './theme.js';

export class ScreenView {
  #element = make('div', 'view coming');
  /** @type {Screen} */ #screen;
  /** @type {Map<string, Panel>} */ #panels = new Map();
  /** @type {boolean} */ #wall;
  /** What is drawn, by panel. @type {Map<string, PanelUpdate>} */ #drawn = new Map();
  /** The region and batch that are drawn. @type {{region: string, header: Header}|null} */ #scene = null;
  /** What it is compared with. @type {Then|null} */ #then = null;
  /** Whether it was compared with anything yet. */ #compared = false;
  /** The results of checks that are drawn. @type {Header['checks']} */ #checks = [];
  #approval = '';
  /** @type {Surroundings} */ #around;
  /** The display's part of a wall; null where it shows the whole. @type {Tile|null} */ #tile;
  /** Where panels are on the canvas of a wall, whether they are made or not. @type {Map<string, HTMLElement>} */ #places = new Map();
  /** @type {(id: string) => void} */ #made;

  /**
   * A view that is not seen before it is shown.
   * @param {HTMLElement} place
   * @param {Screen} screen
   * @param {{wall: boolean, pick: (key: string) => void, now: () => number, charts: Charts, tile: Tile|null, made: (id: string) => void}} how
   *   made is told of panels that are made later, where a tile begins to show something of them
   */
  constructor(place, screen, { wall, pick, now, charts, tile, made }) {
    place.append(this.#element);
    this.#screen = screen;
    this.#wall = wall;
    this.#tile = tile;
    this.#made = made;
    this.#around = { pick, now, sources: screen.sources ?? [], charts };
    for (const spec of screen.panels) {
      const place = tile ? make('div', 'place') : null;
      if (place) {
        place.style.gridArea = spec.area;
        this.#places.set(spec.id, place);
        this.#element.append(place);
      } else this.#make(spec, null);
    }
    this.fit();
  }

  /** @param {PanelSpec} spec @param {HTMLElement|null} place */
  #make(spec, place) {
    const panel = makePanel(spec, this.#around);
    this.#panels.set(spec.id, panel);
    this.#element.insertBefore(panel.shell.element, place);
    return panel;
  }

  /** Lays the panels out for the display as it is now. */
  fit() {
    const { width, height } = this.#tile?.canvas() ?? { width: innerWidth, height: innerHeight };
    const { layout, unit } = fit(width, height, this.#wall || this.#tile !== null);
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
    this.#admit(grid, unit);
  }

  /**
   * Makes the panels of which a tile shows something, and lets go of the others. Those that give a
   * row its height are there on every tile: else the canvas would be another on each.
   * @param {Layout|undefined} grid
   * @param {number} unit
   */
  #admit(grid, unit) {
    const tile = this.#tile;
    if (!tile || !grid) return;
    const giving = autoAreas(grid);
    for (const pass of [true, false]) {
      const specs = this.#screen.panels.filter((spec) => giving.has(spec.area) === pass);
      const seen = specs.map((spec) => pass || tile.shows(/** @type {HTMLElement} */ (this.#places.get(spec.id))));
      specs.forEach((spec, i) => {
        const panel = this.#panels.get(spec.id);
        if (seen[i] && !panel) this.#enter(spec, unit);
        else if (!seen[i] && panel) {
          panel.dispose();
          panel.shell.element.remove();
          this.#panels.delete(spec.id);
        }
      });
    }
  }

  /** Makes a panel of a screen that is drawn. @param {PanelSpec} spec @param {number} unit */
  #enter(spec, unit) {
    const panel = this.#make(spec, this.#places.get(spec.id) ?? null);
    panel.resize(unit);
    panel.approved?.(this.#approval);
    const update = this.#drawn.get(spec.id);
    if (this.#scene && update) {
      const { header, region } = this.#scene;
      this.#lay(update, true, header);
      panel.shell.head(update.data);
      panel.shell.checked(header.checks ?? [], region);
      panel.judged?.(header.checks ?? []);
      panel.noticed?.([...this.#drawn.values()].flatMap((u) => u.data.figures ?? []), true, header);
    }
    this.#made(spec.id);
  }

  /** Is seen from now on. */
  show() {
    this.#element.classList.remove('coming');
  }

  /**
   * Begins to draw what takes time; it is seen with the rest.
   * @param {PanelUpdate[]} updates
   * @param {{region: string, anew: boolean}} scene
   */
  prepare(updates, { region, anew }) {
    for (const update of updates) this.#panels.get(update.id)?.prepare?.(this.#over(update, region), anew);
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
    const judged = anew || checks !== this.#checks; // a patch leaves what it does not change as it is
    this.#checks = checks;
    for (const panel of this.#panels.values()) {
      if (judged) panel.shell.checked(checks, region);
      if (judged) panel.judged?.(checks);
      if (anew || figures.length) panel.noticed?.(figures, anew, header);
    }
    if (anew && this.#tile) this.fit(); // rows that are as high as what stands in them have their height now
  }

  /**
   * Draws a panel, with the difference where there is something to compare with.
   * @param {PanelUpdate} update
   * @param {boolean} anew
   * @param {Header} header
   */
  #lay(update, anew, header) {
    const panel = this.#panels.get(update.id);
    const region = this.#scene?.region ?? '';
    if (!panel) return;
    panel.draw(this.#over(update, region), anew, header);
    const then = this.#before(update, region);
    if (update.data.figures && (then || this.#compared)) besideFigures(panel.shell.element, update.data, then);
  }

  /** What a panel showed then, where the picture is compared with that. @param {PanelUpdate} update @param {string} region */
  #before(update, region) {
    return this.#then?.screen === this.#screen.id && this.#then.region === region ? this.#then.data.get(update.id) : undefined;
  }

  /** What is drawn of an update. @param {PanelUpdate} update @param {string} region */
  #over(update, region) {
    const then = this.#before(update, region);
    return then && this.#panels.get(update.id)?.shell.spec.kind === 'map' ? overMap(update, then) : update;
  }

  /** Lays the difference since a scene of before over figures and map; null takes it away. @param {Then|null} then */
  compare(then) {
    if (then === this.#then) return;
    this.#then = then;
    this.#compared ||= then !== null;
    if (this.#scene) for (const update of this.#drawn.values()) this.#lay(update, true, this.#scene.header);
  }

  /** Takes the panels off the page. */
  dispose() {
    for (const panel of this.#panels.values()) panel.dispose();
    this.#element.remove();
  }

  /** @param {string} number */
  approved(number) {
    this.#approval = number;
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

/**
 * The areas that stand in a row or column which is as large as what is in it.
 * @param {Layout} grid
 * @returns {Set<string>}
 */
export function autoAreas(grid) {
  /** @type {Set<string>} */
  const all = new Set();
  grid.areas.forEach((line, row) => line.trim().split(/\s+/).forEach((area, column) => {
    if (grid.rows[row] === 'auto' || grid.columns[column] === 'auto') all.add(area);
  }));
  return all;
}
