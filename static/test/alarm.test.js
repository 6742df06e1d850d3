import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sounding } from '../js/alarm.js';

const alarm = (id, from, more = {}) => ({ id, key: 'k', level: 'yellow', title: '', words: '', where: '', region: '460000', screen: 's', screen_title: '', since: '', batch: 1, show_ms: 10_000, sound: false, from, over: 0, ...more });
const at = (alarms, t) => {
  const { alarm: one, until } = sounding(alarms, t);
  return [one?.id ?? null, until];
};

test('an alarm interrupts for its time, on a display that comes in the middle too', () => {
  const all = [alarm('a', 1000)];
  assert.deepEqual(at(all, 999), [null, 1000]);
  assert.deepEqual(at(all, 1000), ['a', 11_000]);
  assert.deepEqual(at(all, 10_999), ['a', 11_000]);
  assert.deepEqual(at(all, 11_000), [null, Infinity]);
  assert.deepEqual(at([], 0), [null, Infinity]);
});

test('alarms of one level wait for each other', () => {
  const all = [alarm('b', 3000), alarm('a', 1000)];
  assert.deepEqual(at(all, 3000), ['a', 11_000]);
  assert.deepEqual(at(all, 11_000), ['b', 21_000]);
  assert.deepEqual(at(all, 21_000), [null, Infinity]);
});

test('red takes the place of yellow, which has the rest of its time afterwards', () => {
  const all = [alarm('y', 1000), alarm('r', 4000, { level: 'red' })];
  assert.deepEqual(at(all, 1000), ['y', 4000]);
  assert.deepEqual(at(all, 4000), ['r', 14_000]);
  assert.deepEqual(at(all, 14_000), ['y', 21_000]);
  assert.equal(sounding(all, 15_000).begun, 1000);
});

test('it gives way when its cause is gone, but is read first', () => {
  assert.deepEqual(at([alarm('a', 1000, { over: 8000 })], 7999), ['a', 8000]);
  assert.deepEqual(at([alarm('a', 1000, { over: 8000 })], 8000), [null, Infinity]);
  assert.deepEqual(at([alarm('a', 1000, { over: 1500 })], 5999), ['a', 6000]);
  assert.deepEqual(at([alarm('a', 1000, { over: 1500 })], 6000), [null, Infinity]);
  // One that is over before its turn comes does not come.
  assert.deepEqual(at([alarm('a', 1000), alarm('b', 2000, { over: 9000 })], 11_000), [null, Infinity]);
});
