/**
 * The map: a chart whose shapes are fetched once, with the approval number
 * printed on it.
 *
 * @import {PanelSpec} from '../types.js'
 * @import {Charts} from './charts.js'
 */
import { make, say } from '../dom.js';
import { ChartPanel } from './chart.js';

/** The layers of a map file, each registered as a map of its own. */
const LAYERS = ['main', 'inset', 'around'];

/**
 * Fetches a map: its layers are named "name.layer".
 * @param {string} assets
 * @param {string} name
 * @returns {Promise<Record<string, any>>}
 */
export async function fetchMap(assets, name) {
  const answer = await fetch(`${assets}/maps/${name}.json`);
  if (!answer.ok) throw new Error(`map ${name}: HTTP ${answer.status}`);
  const { features } = await answer.json();
  return Object.fromEntries(LAYERS.map((layer) => [`${name}.${layer}`, {
    type: 'FeatureCollection',
    features: features.filter((/** @type {any} */ f) => f.properties.layers.includes(layer)),
  }]));
}

export class MapPanel extends ChartPanel {
  #approval = make('p', 'approval');

  /** @param {PanelSpec} spec @param {(key: string) => void} pick @param {Charts} charts */
  constructor(spec, pick, charts) {
    super(spec, pick, charts);
    this.shell.body.append(this.#approval);
    this.approved('');
  }

  /** Prints the approval number of the map, or that there is none. @param {string} number */
  approved(number) {
    say(this.#approval, number ? `审图号：${number}` : '审图号：未配置');
  }
}
