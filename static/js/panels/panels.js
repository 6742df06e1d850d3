/**
 * The kinds of panel.
 *
 * @import {Check, PanelSpec, PanelUpdate} from '../types.js'
 * @import {Shell} from './shell.js'
 */
import { ChartPanel } from './chart.js';
import { FiguresPanel } from './figures.js';
import { MapPanel } from './map.js';
import { TablePanel } from './table.js';
import { ChecksPanel, TextPanel } from './words.js';

/**
 * @typedef {object} Panel
 * @property {Shell} shell
 * @property {(update: PanelUpdate, anew: boolean) => void} draw draws what came; anew where a scene begins
 * @property {(unit: number) => void} resize
 * @property {(checks: Check[]) => void} [judged] takes the results of all checks
 * @property {(number: string) => void} [approved] takes the map's approval number
 */

/**
 * Makes a panel of its kind.
 * @param {PanelSpec} spec
 * @param {(key: string) => void} pick
 * @returns {Panel}
 */
export function makePanel(spec, pick) {
  switch (spec.kind) {
    case 'figure':
    case 'figures':
      return new FiguresPanel(spec);
    case 'bars':
    case 'share':
    case 'stages':
      return new ChartPanel(spec, pick);
    case 'map':
      return new MapPanel(spec, pick);
    case 'table':
      return new TablePanel(spec);
    case 'checks':
      return new ChecksPanel(spec);
    default:
      return new TextPanel(spec);
  }
}
