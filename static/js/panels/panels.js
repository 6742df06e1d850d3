/**
 * The kinds of panel.
 *
 * @import {Check, Header, PanelSpec, PanelUpdate} from '../types.js'
 * @import {Charts} from './charts.js'
 * @import {Figure} from './figures.js'
 * @import {Shell} from './shell.js'
 */
import { ChartPanel, FlowPanel } from './chart.js';
import { FiguresPanel } from './figures.js';
import { MapPanel } from './map.js';
import { PathPanel } from './path.js';
import { ListPanel, TablePanel } from './table.js';
import { TickerPanel } from './ticker.js';
import { ChecksPanel, TextPanel } from './words.js';

/**
 * @typedef {object} Panel
 * @property {Shell} shell
 * @property {(update: PanelUpdate, anew: boolean, header: Header) => void} draw draws what came; anew where a scene begins
 * @property {(update: PanelUpdate, anew: boolean) => void} [prepare] begins what draw needs, where that takes time
 * @property {(unit: number) => void} resize
 * @property {() => void} dispose lets go of all that would outlive the element
 * @property {(checks: Check[]) => void} [judged] takes the results of all checks
 * @property {(figures: Figure[], anew: boolean, header: Header) => void} [noticed] takes the figures that came for other panels
 * @property {(number: string) => void} [approved] takes the map's approval number
 *
 * @typedef {object} Surroundings what a panel knows of the page
 * @property {(key: string) => void} pick called with the key of a row that is touched
 * @property {() => number} now the server's time, ms
 * @property {string[]} sources the systems whose figures the screen shows
 * @property {Charts} charts draws charts
 */

/**
 * Makes a panel of its kind.
 * @param {PanelSpec} spec
 * @param {Surroundings} around
 * @returns {Panel}
 */
export function makePanel(spec, { pick, now, sources, charts }) {
  switch (spec.kind) {
    case 'figure':
    case 'figures':
    case 'facts':
    case 'gauge':
      return new FiguresPanel(spec);
    case 'ticker':
      return new TickerPanel(spec);
    case 'bars':
    case 'share':
    case 'stages':
    case 'trend':
      return new ChartPanel(spec, pick, charts);
    case 'flow':
      return new FlowPanel(spec, pick, charts);
    case 'path':
      return new PathPanel(spec);
    case 'map':
      return new MapPanel(spec, pick, charts);
    case 'table':
    case 'heat':
    case 'months':
      return new TablePanel(spec, pick);
    case 'list':
      return new ListPanel(spec, pick, now);
    case 'checks':
      return new ChecksPanel(spec, sources);
    default:
      return new TextPanel(spec);
  }
}
