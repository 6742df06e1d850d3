/**
 * The thread that draws the charts of a page. ECharts lays a chart out and says what its
 * picture is made of, as it does on a server; what becomes of the picture that was before goes to
 * the page (edits.js), which has but to do it: a batch costs the page what has changed on it.
 *
 * @import {Node, Picture} from './edits.js'
 * @import {Answer, Order} from './charts.js'
 */
import * as echarts from '../../vendor/echarts/echarts.mjs';
import { edits, picture } from './edits.js';

echarts.setPlatformAPI({ createCanvas: () => /** @type {any} */ (new OffscreenCanvas(1, 1)) }); // texts are measured on it

const KEY = 0;

/** So long after it was drawn a chart is drawn again without its marks: what others wait for comes first, ms. */
const UNMARK = 100;

class Chart {
  #id;
  /** @type {import('echarts').ECharts} */ #chart;
  /** What the page has, or is told to. @type {Picture} */ #picture = new Map();
  #drawn = false;
  /** Runs while there are marks. @type {ReturnType<typeof setTimeout>|undefined} */ #marked;
  /** The key of what was touched. */ #key = '';

  /** @param {Order} order */
  constructor({ chart, size, coarse }) {
    this.#id = chart;
    this.#chart = echarts.init(null, null, { renderer: 'svg', ssr: true, width: size?.width, height: size?.height, useCoarsePointer: coarse });
    // Nothing moves by itself here: a loop of frames would only leave timers behind, one with each batch.
    /** @type {any} */ (this.#chart.getZr()).animation.start = () => {};
    this.#chart.on('click', (e) => {
      const row = e.componentType === 'series' && Array.isArray(e.data) ? e.data[KEY] : e.name;
      this.#key = String(row ?? '');
    });
  }

  /** @param {Order} order @returns {Omit<Answer, 'chart'|'order'>} */
  do({ size, option, given, marked, point }) {
    if (point) return { edits: [], key: this.#touched(point) };
    this.#unmark();
    if (size && (size.width !== this.#chart.getWidth() || size.height !== this.#chart.getHeight())) this.#chart.resize(size);
    if (option) this.#chart.setOption(option, { notMerge: true, lazyUpdate: true });
    if (given) this.#chart.setOption(given);
    this.#drawn ||= given !== undefined;
    if (!this.#drawn) return { edits: [] };
    if (marked?.length) {
      this.#chart.dispatchAction({ type: 'highlight', dataIndex: marked });
      this.#marked = setTimeout(() => this.#unmark(), UNMARK);
    }
    return { size: { width: this.#chart.getWidth(), height: this.#chart.getHeight() }, edits: this.#look() };
  }

  /** Tells the page how to take the marks away, whenever it will. */
  #unmark() {
    if (this.#marked === undefined) return;
    clearTimeout(this.#marked);
    this.#marked = undefined;
    this.#chart.dispatchAction({ type: 'downplay' });
    self.postMessage({ chart: this.#id, order: 0, edits: [], unmark: this.#look() });
  }

  /** What leads to the picture as it is now. */
  #look() {
    const { animation, painter } = /** @type {any} */ (this.#chart.getZr());
    animation.update(); // what is highlighted is so with the next frame
    const before = this.#picture;
    this.#picture = picture(/** @type {Node} */ (painter.renderToVNode({ willUpdate: true })));
    return edits(before, this.#picture);
  }

  /** What a touch of a point means. @param {[number, number]} point */
  #touched([zrX, zrY]) {
    this.#key = '';
    const { handler } = /** @type {any} */ (this.#chart.getZr());
    for (const type of ['mousedown', 'mouseup', 'click']) handler.dispatch(type, { zrX, zrY });
    return this.#key;
  }

  dispose() {
    clearTimeout(this.#marked);
    this.#chart.dispose();
  }
}

/** @type {Map<number, Chart>} */
const charts = new Map();

/** @param {MessageEvent<Order>} e */
self.onmessage = ({ data: order }) => {
  for (const [name, layer] of Object.entries(order.maps ?? {})) echarts.registerMap(name, layer);
  if (order.chart === 0) return;
  if (order.gone) {
    charts.get(order.chart)?.dispose();
    charts.delete(order.chart);
    return;
  }
  let chart = charts.get(order.chart);
  if (!chart) charts.set(order.chart, chart = new Chart(order));
  /** @type {Answer} */
  let answer = { chart: order.chart, order: order.order, edits: [] };
  try {
    answer = { ...answer, ...chart.do(order) };
  } catch (error) {
    answer.fault = String(error instanceof Error ? error.stack : error);
  }
  self.postMessage(answer);
};
