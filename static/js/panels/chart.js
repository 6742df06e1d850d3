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
import { MARK } from '../mark.js';
import { Shell } from './shell.js';

const KEY = 0;

export class ChartPanel {
  /** @type {Shell} */ shell;
  /** @type {import('echarts').ECharts} */ #chart;
  #canvas = make('div', 'canvas');
  #empty = make('p', 'empty');
  /** The texts of the rows on the glass, by their keys. @type {Map<string, string>} */ #rows = new Map();
  #source = '';
  #option = '';
  #unit = 1;
  /** Runs while rows are marked. @type {ReturnType<typeof setTimeout>|undefined} */ #marked;

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
    new ResizeObserver(() => this.resize(this.#unit)).observe(this.shell.body);
  }

  /** @param {PanelUpdate} update @param {boolean} anew a scene begins: nothing has changed */
  draw({ option, data }, anew) {
    const dataset = { source: data.source };
    const wanted = option ? JSON.stringify(option) : this.#option;
    const source = JSON.stringify(data.source);
    if (wanted === this.#option && source === this.#source) return;
    if (wanted === this.#option) this.#chart.setOption({ dataset });
    else this.#chart.setOption({ ...option, dataset }, { notMerge: true });
    this.#option = wanted;
    this.#source = source;
    say(this.#empty, data.empty ?? '');
    this.#mark(data.source, anew);
  }

  /** @param {number} unit CSS pixels of a unit */
  resize(unit) {
    this.#unit = unit;
    const { clientWidth, clientHeight } = this.shell.body;
    if (clientWidth === 0 || clientHeight === 0) return;
    this.#canvas.style.transform = `scale(${unit})`;
    const size = { width: Math.floor(clientWidth / unit), height: Math.floor(clientHeight / unit) };
    if (size.width === this.#chart.getWidth() && size.height === this.#chart.getHeight()) return;
    this.#chart.resize(size);
  }

  /**
   * Marks the rows whose texts have changed, for a moment.
   * @param {unknown[][]} source
   * @param {boolean} anew
   */
  #mark([, ...rows], anew) {
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
    this.#marked = setTimeout(() => this.#unmark(), MARK);
  }

  #unmark() {
    if (this.#marked === undefined) return;
    clearTimeout(this.#marked);
    this.#marked = undefined;
    this.#chart.dispatchAction({ type: 'downplay' });
  }
}
