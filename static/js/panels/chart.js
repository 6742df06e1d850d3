/**
 * A panel that ECharts draws: one instance for the panel's life. The option
 * comes with a scene, afterwards only datasets.
 *
 * Options are written in units of the wall. The chart is laid out in units and
 * scaled as a whole, as vectors, so that type stays a fraction of the wall.
 *
 * @import {PanelSpec, PanelUpdate} from '../types.js'
 */
import * as echarts from '../../vendor/echarts/echarts.mjs';
import { make, say } from '../dom.js';
import { forget, noted } from '../mark.js';
import { painted } from '../theme.js';
import { Shell } from './shell.js';

const KEY = 0;

export class ChartPanel {
  /** @type {Shell} */ shell;
  /** @type {import('echarts').ECharts} */ #chart;
  #canvas = make('div', 'canvas');
  #empty = make('p', 'empty');
  /** The texts of the rows on the glass, by their keys. @type {Map<string, string>} */ #rows = new Map();
  #shown = '';
  #option = '';
  #unit = 1;
  /** The least width that it can be read at, in units; where there is less it goes sideways. */
  least = 0;
  /** @type {ResizeObserver} */ #watch;
  #marked = false;

  /**
   * @param {PanelSpec} spec
   * @param {(key: string) => void} pick called with the key of a row that is touched
   */
  constructor(spec, pick) {
    this.shell = new Shell(spec);
    this.shell.body.append(this.#canvas, this.#empty);
    this.#chart = echarts.init(this.#canvas, null, { renderer: 'svg', width: 10, height: 10 });
    this.#chart.on('click', (e) => {
      const row = e.componentType === 'series' && Array.isArray(e.data) ? e.data[KEY] : e.name;
      pick(String(row ?? ''));
    });
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

  /** @param {PanelUpdate} update @param {boolean} anew a scene begins: nothing has changed */
  draw({ option, data }, anew) {
    const given = painted(this.given(data));
    const wanted = option ? JSON.stringify(option) : this.#option;
    const shown = JSON.stringify(given);
    if (wanted === this.#option && shown === this.#shown) return;
    this.#once(() => {
      if (wanted !== this.#option) this.#chart.setOption(painted(/** @type {Record<string, any>} */ (option)), { notMerge: true, lazyUpdate: true });
      this.#chart.setOption(given);
      this.#mark(this.rows(data), anew);
    });
    this.#option = wanted;
    this.#shown = shown;
    say(this.#empty, data.empty ?? '');
    this.#canvas.hidden = Boolean(data.empty);
  }

  /**
   * Draws what is changed of the chart, once: ECharts would draw new data at once and the marks
   * on them a frame later, and then wait for more frames, while nothing moves by itself. What a
   * hand does wakes it.
   * @param {() => void} change
   */
  #once(change) {
    const zr = /** @type {any} */ (this.#chart.getZr());
    zr.flush = () => {};
    try {
      change();
    } finally {
      delete zr.flush; // its class has it
    }
    zr.animation.update();
    zr.animation.stop();
  }

  /** @param {number} unit CSS pixels of a unit */
  resize(unit) {
    this.#unit = unit;
    const { clientWidth, clientHeight } = this.shell.body;
    if (clientWidth === 0 || clientHeight === 0) return;
    this.#canvas.style.transform = `scale(${unit})`;
    const size = { width: Math.max(Math.floor(clientWidth / unit), this.least), height: Math.floor(clientHeight / unit) };
    if (size.width === this.#chart.getWidth() && size.height === this.#chart.getHeight()) return;
    this.#chart.resize(size);
  }

  dispose() {
    forget(this);
    this.#watch.disconnect();
    this.#chart.dispose();
  }

  /**
   * Marks the rows whose texts have changed, for a moment.
   * @param {unknown[][]} rows
   * @param {boolean} anew
   */
  #mark(rows, anew) {
    const before = this.#rows;
    this.#rows = new Map(rows.map((row) => [String(row[KEY]), row.filter((v) => typeof v === 'string').join(' ')]));
    this.#unmark();
    if (anew) return;
    const dataIndex = rows.flatMap((row, i) => {
      const key = String(row[KEY]);
      return before.get(key) === this.#rows.get(key) ? [] : [i];
    });
    if (dataIndex.length === 0) return;
    this.#chart.dispatchAction({ type: 'highlight', dataIndex });
    this.#marked = true;
    noted(this, () => this.#once(() => this.#unmark()));
  }

  #unmark() {
    if (!this.#marked) return;
    this.#marked = false;
    forget(this);
    this.#chart.dispatchAction({ type: 'downplay' });
  }
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
