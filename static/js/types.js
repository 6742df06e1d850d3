/**
 * The shapes that travel between server and browser (protocol 1).
 *
 * @typedef {{region: string, words: string, expected: number, actual: number, suppressed?: boolean}} Failure
 * @typedef {{by: string, since: string, until?: string, why: string, region?: string}} Release
 * @typedef {{id: string, title: string, policy: 'note'|'warn'|'hold', ok: boolean, since?: string, words?: string, failures?: Failure[], failed?: number, releases?: Release[]}} Check
 * @typedef {{history: string, term: number, batch: number, as_of: string, demo: boolean, least_cell: number, checks?: Check[]|null}} Header
 * @typedef {{source: 'ok'|'lost'|'held'|'silent'|'store_lost', since: string, verified: string, words?: string, holds?: {check: string, title: string, words: string, failed: number}[]}} Status
 * @typedef {{id: string, option?: object, data: any}} PanelUpdate
 *
 * @typedef {{type: 'hello', protocol: number, build: string, node: string, time: number, beat_ms: number, ack_ms?: number}} Hello
 * @typedef {{type: 'snapshot', screen: string, region: string, region_name: string, path: {code: string, name: string}[], edition?: string, map_approval?: string, show_at?: number, batch: Header, status: Status, panels: PanelUpdate[]}} Snapshot
 * @typedef {{type: 'batch', region_name?: string, path?: Snapshot['path'], show_at?: number, batch: Header, panels: PanelUpdate[]}} Batch
 * @typedef {{type: 'patch', base: number, batch: number, show_at?: number, set?: Record<string, any>, panels?: Record<string, Record<string, any>>}} Patch
 * @typedef {{type: 'current', batch: Header, status: Status}} Current
 * @typedef {{type: 'beat', time: number, batch: number, status: Status}} Beat
 * @typedef {{type: 'status', status: Status}} StatusChange
 * @typedef {{id: string, key: string, level: 'red'|'yellow', title: string, words: string, where: string, region: string, screen: string, screen_title: string, since: string, batch: number, show_ms: number, sound: boolean, from: number, over: number}} Alarm
 * @typedef {{type: 'alarms', alarms: Alarm[]}} AlarmsTold
 * @typedef {{type: 'wall', wall: string, out: {columns: number[], rows: number[]}, out_at: number, later_ms?: number, steer?: {at: number, until: number, screen: string, region: string, paused: boolean, index: number|null}}} WallTold
 * @typedef {{type: 'error', code: string, message: string, retry: boolean}} Failed
 * @typedef {{type: 'time', t0: number, t1: number, t2: number}} Time
 * @typedef {Hello|Snapshot|Batch|Patch|Current|Beat|StatusChange|WallTold|AlarmsTold|Failed|Time} Received
 *
 * What a page is told of it: patches have become batches.
 *
 * @typedef {Snapshot|Batch|Current|Beat|StatusChange|WallTold|AlarmsTold|Failed} Message
 *
 * @typedef {{screen: string, region: string}} Scene
 *
 * What GET /api/screens/{id} gives.
 *
 * @typedef {{name: string, columns: string[], rows: string[], areas: string[]}} Layout
 * @typedef {{id: string, kind: string, title: string, note?: string, area: string, check?: string, text?: string}} PanelSpec
 * @typedef {{id: string, title: string, question: string, edition: string, sources?: string[], grid: Layout[], panels: PanelSpec[]}} Screen
 *
 * A number as it is shown. Zero, missing, not applicable and suppressed are four things.
 *
 * @typedef {{value: number|null, text: string, unit: string, state: 'ok'|'missing'|'na'|'suppressed'}} Amount
 */
export {};
