import assert from 'node:assert/strict';
import { test } from 'node:test';
import { plays, turn } from '../js/carousel.js';

const home = { screen: 'home', region: '460000' };
const at = (clock, seconds = 0) => Date.parse(`2026-11-26T${clock}:00+08:00`) + seconds * 1000;
const turns = [
  { screen: 'a', for_ms: 10_000, hours: [] },
  { screen: 'b', region: '469001', for_ms: 20_000, hours: [[420, 1320]] }, // 07:00-22:00
  { screen: 'c', for_ms: 30_000, hours: [[1320, 360]] }, // 22:00-06:00
];
const programme = { id: 'p', title: '', edition: '1', rest_ms: 60_000, turns };
const seen = (t, steer = null) => plays(programme, steer, t, home);

test('whenever a display is opened, it is the same turn', () => {
  assert.deepEqual(turn(turns, at('07:00'), null), { index: 0, until: at('07:00', 10) });
  assert.deepEqual(turn(turns, at('07:00', 9.999), null), { index: 0, until: at('07:00', 10) });
  assert.deepEqual(turn(turns, at('07:00', 10), null), { index: 1, until: at('07:00', 30) });
  assert.deepEqual(turn(turns, at('07:00', 30), null), { index: 0, until: at('07:00', 40) });
  assert.deepEqual(turn(turns, at('07:00', 30 * 1000 + 10), null).index, 1);
});

test('hours begin and end to the minute, over midnight too', () => {
  assert.equal(turn(turns, at('06:30'), null).index, 0);
  assert.deepEqual(turn(turns, at('06:59', 59), null), { index: 0, until: at('07:00') });
  const indices = (t) => new Set(Array.from({ length: 60 }, (_, i) => turn(turns, t + i * 1000, null).index));
  assert.deepEqual(indices(at('12:00')), new Set([0, 1]));
  assert.deepEqual(indices(at('22:00')), new Set([0, 2]));
  assert.deepEqual(indices(at('05:30')), new Set([0, 2]));
  assert.deepEqual(turn(turns, at('22:00', -1), null).until, at('22:00'));
  assert.deepEqual(turn(turns, at('23:59', 50), null).until, at('23:59', 60), 'midnight begins anew');
});

test('a turn is for its region, or for the one that the address names', () => {
  assert.deepEqual(seen(at('07:00')).scene, { screen: 'a', region: '460000' });
  assert.deepEqual(seen(at('07:00', 10)).scene, { screen: 'b', region: '469001' });
  assert.deepEqual(plays(null, null, at('07:00'), home), { scene: home, index: 0, until: Infinity, held: '' });
});

test('who touches takes over, and after a rest the turn that was interrupted begins anew', () => {
  const steer = { at: at('07:00', 12), until: at('07:01', 12), screen: 'x', region: '460100', paused: false, index: 1 };
  assert.equal(seen(at('07:00', 11), steer).until, at('07:00', 12), 'it is known before it begins');
  assert.deepEqual(seen(at('07:00', 12), steer), { scene: { screen: 'x', region: '460100' }, index: 1, until: at('07:01', 12), held: 'hand' });
  const back = seen(at('07:01', 12), steer);
  assert.deepEqual([back.scene.screen, back.until, back.held], ['b', at('07:01', 32), '']);
  assert.equal(seen(at('07:01', 32), steer).index, 0);
});

test('a pause holds, next goes on from there, and other hours forget both', () => {
  const paused = { at: at('07:00'), until: at('08:00'), screen: 'a', region: '460000', paused: true, index: 0 };
  assert.equal(seen(at('07:59'), paused).held, 'paused');
  const next = { at: at('07:00', 3), until: at('07:00', 3), screen: '', region: '', paused: false, index: 1 };
  assert.deepEqual([seen(at('07:00', 3), next).index, seen(at('07:00', 3), next).until], [1, at('07:00', 23)]);
  assert.equal(seen(at('07:00', 23), next).index, 0);
  assert.deepEqual(seen(at('22:00', 5), next), seen(at('22:00', 5)), 'by the clock alone again');
  const gone = { ...next, at: at('22:00', 1), index: 1 }; // not shown at this hour: the next one that is
  assert.equal(seen(at('22:00', 1), gone).index, 2);
});

test('without a carousel a scene that a person went to stays', () => {
  const steer = { at: 1000, until: 2000, screen: 'x', region: '460000', paused: false, index: null };
  assert.equal(plays(null, steer, 1500, home).scene.screen, 'x');
  assert.deepEqual(plays(null, steer, 2000, home).scene, home);
});
