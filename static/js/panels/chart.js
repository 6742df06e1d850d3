/**
 * A panel that ECharts draws: one instance for the panel's life, in a thread of its own. The
 * option comes with a scene, afterwards only datasets.
 *
 * Options are written in units of the wall. The chart is laid out in units and
 * scaled as a whole, as vectors, so that type stays a fraction of the wall.
 *
 * @import {PanelSpec, PanelUpdate} from '../types.js'
 * @import {Chart, Charts} from './charts.js'
 */
import { make, say } from '../dom.js';
import { painted } from '../theme.js';
import { Shell } from './shell.js';

const KEY = 0;

export class ChartPanel {
  /** @type {Shell} */ shell;
  /** @type {Chart} */ #chart;
  #canvas = make('div', 'canvas');
  #empty = make('p', 'empty');
  /** The texts of the rows on the glass, by their keys. @type {Map<string, string>} */ #rows = new Map();
  /** What is drawn, or is being drawn. */ #begun = '';
  #option = '';
  #unit = 1;
  /** The least width that it can be read at, in units; where there is less it goes sideways. */
  least = 0;
  /** @type {ResizeObserver} */ #watch;

  /**
   * @param {PanelSpec} spec
   * @param {(key: string) => void} pick called with the key of a row that is touched
   * @param {Charts} charts
   */
  constructor(spec, pick, charts) {
    this.shell = new Shell(spec);
    this.shell.body.append(this.#canvas, this.#empty);
    this.#chart = charts.make(pick);
    this.#canvas.append(this.#chart.element);
    this.#watch = new ResizeObserver(() => this.resize(this.#unit));
    this.#watch.observe(this.shell.body);
  }

  /** What a chart is given of a panel's data. @param {any} data @returns {Record<string, any>} */
  given(data) {
    return { dataset: { source: data.source } };
  }

  /** The rows whose changes are marked: the key first, then what is written. @param {any} data @returns {unknown[][]} */
  rows(data) {
    return data.source.slice(1);
  }

  /** Begins to draw what is to be seen soon. @param {PanelUpdate} update @param {boolean} anew a scene begins: nothing has changed */
  prepare({ option, data }, anew) {
    const given = painted(this.given(data));
    const wanted = option ? JSON.stringify(option) : this.#option;
    const begun = JSON.stringify(given);
    const other = wanted !== this.#option;
    if (!other && begun === this.#begun) return;
    this.#option = wanted;
    this.#begun = begun;
    const marked = anew ? [] : this.rows(data).flatMap((row, i) => (this.#rows.get(String(row[KEY])) === written(row) ? [] : [i]));
    this.#chart.draw({ option: other ? painted(option) : undefined, given, marked });
  }

  /** @param {PanelUpdate} update @param {boolean} anew */
  draw(update, anew) {
    this.prepare(update, anew);
    this.#chart.show();
    const { data } = update;
    this.#rows = new Map(this.rows(data).map((row) => [String(row[KEY]), written(row)]));
    say(this.#empty, data.empty ?? '');
    this.#canvas.hidden = Boolean(data.empty);
  }

  /** @param {number} unit CSS pixels of a unit */
  resize(unit) {
    this.#unit = unit;
    const { clientWidth, clientHeight } = this.shell.body;
    if (clientWidth === 0 || clientHeight === 0) return;
    this.#canvas.style.transform = `scale(${unit})`;
    this.#chart.resize({ width: Math.max(Math.floor(clientWidth / unit), this.least), height: Math.floor(clientHeight / unit) });
  }

  dispose() {
    this.#watch.disconnect();
    this.#chart.dispose();
  }
}

/** What is written in a row. @param {unknown[]} row */
function written(row) {
  return row.filter((v) => typeof v === 'string').join(' ');
}

/** What flows from where to where: ECharts takes its nodes and links, no dataset. */
export class FlowPanel extends ChartPanel {
  /** @override */
  least = 640;

  /** @override @param {any} data */
  given(data) {
    return { series: [{ id: this.shell.spec.id, data: data.nodes, links: data.links }] };
  }

  /** @override @returns {unknown[][]} */
  rows() {
    return []; // a link has no plate: the number that changed is in its node
  }
}
