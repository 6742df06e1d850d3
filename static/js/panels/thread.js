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

class Chart {
  /** @type {import('echarts').ECharts} */ #chart;
  /** What the page has, once marks are gone. @type {Picture} */ #picture = new Map();
  #drawn = false;
  /** The key of what was touched. */ #key = '';

  /** @param {Order} order */
  constructor({ size, coarse }) {
    this.#chart = echarts.init(null, null, { renderer: 'svg', ssr: true, width: size?.width, height: size?.height, useCoarsePointer: coarse });
    this.#chart.on('click', (e) => {
      const row = e.componentType === 'series' && Array.isArray(e.data) ? e.data[KEY] : e.name;
      this.#key = String(row ?? '');
    });
  }

  /** @param {Order} order @returns {Omit<Answer, 'chart'|'order'>} */
  do({ size, option, given, marked, point }) {
    if (size && (size.width !== this.#chart.getWidth() || size.height !== this.#chart.getHeight())) this.#chart.resize(size);
    if (option) this.#chart.setOption(option, { notMerge: true, lazyUpdate: true });
    if (given) this.#chart.setOption(given);
    if (point) return { edits: [], key: this.#touched(point) };
    this.#drawn ||= given !== undefined;
    if (!this.#drawn) return { edits: [] };
    const drawn = { width: this.#chart.getWidth(), height: this.#chart.getHeight() };
    const plain = this.#look();
    const before = this.#picture;
    this.#picture = plain;
    if (!marked?.length) return { size: drawn, edits: edits(before, plain) };
    this.#chart.dispatchAction({ type: 'highlight', dataIndex: marked });
    const shown = this.#look();
    this.#chart.dispatchAction({ type: 'downplay' });
    this.#settle();
    return { size: drawn, edits: edits(before, shown), unmark: edits(shown, plain) };
  }

  /** Does what is done with a frame, such as to highlight: nothing moves by itself, so there are none. */
  #settle() {
    const { animation } = /** @type {any} */ (this.#chart.getZr());
    animation.update();
    animation.stop();
  }

  /** The picture as it is now. */
  #look() {
    this.#settle();
    return picture(/** @type {Node} */ (/** @type {any} */ (this.#chart.getZr()).painter.renderToVNode({ willUpdate: true })));
  }

  /** What a touch of a point means. @param {[number, number]} point */
  #touched([zrX, zrY]) {
    this.#key = '';
    const { handler } = /** @type {any} */ (this.#chart.getZr());
    for (const type of ['mousedown', 'mouseup', 'click']) handler.dispatch(type, { zrX, zrY });
    return this.#key;
  }

  dispose() {
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
