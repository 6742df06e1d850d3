import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fit } from '../js/scale.js';

test('every shape of display has its layout, and type its size', () => {
  for (const [width, height, layout, unit] of /** @type {[number, number, string, number][]} */ ([
    [1920, 1080, 'wall', 1], [3840, 2160, 'wall', 2], [7680, 2160, 'wide', 2], [11040, 2700, 'wide', 2.5],
    [2560, 1080, 'wall', 1], [1080, 1920, 'portrait', 1], [2160, 3840, 'portrait', 2],
    [1024, 768, 'tablet', 1], [768, 1024, 'tablet', 1], [390, 844, 'narrow', 1],
  ])) {
    assert.deepEqual(fit(width, height), { layout, unit }, `${width}×${height}`);
  }
});

test('a wall that is narrow for its height gets a smaller unit, so that nothing is cut', () => {
  assert.deepEqual(fit(1600, 1200), { layout: 'wall', unit: 1600 / 1800 });
});

test('a small display can be said to be a wall', () => {
  assert.deepEqual(fit(1280, 720, true), { layout: 'wall', unit: 720 / 1080 });
});
