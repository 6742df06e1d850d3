/**
 * The map: a chart whose shapes are fetched once, with the approval number
 * printed on it.
 *
 * @import {PanelSpec} from '../types.js'
 */
import * as echarts from '../../vendor/echarts/echarts.mjs';
import { make, say } from '../dom.js';
import { ChartPanel } from './chart.js';

/** The layers of a map file, each registered as a map of its own. */
const LAYERS = ['main', 'inset', 'around'];

/**
 * Fetches a map and registers its layers as "name.layer".
 * @param {string} assets
 * @param {string} name
 */
export async function loadMap(assets, name) {
  const answer = await fetch(`${assets}/maps/${name}.json`);
  if (!answer.ok) throw new Error(`map ${name}: HTTP ${answer.status}`);
  const { features } = await answer.json();
  for (const layer of LAYERS) {
    echarts.registerMap(`${name}.${layer}`, {
      type: 'FeatureCollection',
      features: features.filter((/** @type {any} */ f) => f.properties.layers.includes(layer)),
    });
  }
}

export class MapPanel extends ChartPanel {
  #approval = make('p', 'approval');

  /** @param {PanelSpec} spec @param {(key: string) => void} pick */
  constructor(spec, pick) {
    super(spec, pick);
    this.shell.body.append(this.#approval);
    this.approved('');
  }

  /** Prints the approval number of the map, or that there is none. @param {string} number */
  approved(number) {
    say(this.#approval, number ? `审图号：${number}` : '审图号：未配置');
  }
}
