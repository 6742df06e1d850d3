// Makes hainan.json from the map data of the npm package echarts@4.9.0 (Apache-2.0):
//
//	node static/maps/build.mjs path/to/echarts-4.9.0 > static/maps/hainan.json
//
// The result is one GeoJSON for three layers. A feature names the layers that it
// belongs to: "main" is the island, "inset" is 南海诸岛 with the counties once
// more in small, "around" is what the inset needs besides and is no data: the
// coast, the dashed line and the inset's own border.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const root = process.argv[2];
if (!root) {
  console.error('usage: node build.mjs path/to/echarts-4.9.0');
  process.exit(2);
}

/** Short names for the label on the map. The full name stays in "name". */
const SHORT = {
  469025: '白沙', 469026: '昌江', 469027: '乐东', 469028: '陵水', 469029: '保亭', 469030: '琼中',
};

/**
 * Where a label stands best: by eye, so that no two meet and each lies on its
 * own county. Counties that are not listed keep the point of the source.
 */
const ANCHOR = {
  460100: [110.43, 19.83], 460200: [109.42, 18.36], 460300: [119.5, 4.75], 460400: [109.36, 19.62],
  469001: [109.53, 18.86], 469002: [110.47, 19.2], 469005: [110.8, 19.66], 469006: [110.28, 18.86],
  469007: [108.82, 18.99], 469021: [110.36, 19.51], 469022: [110.07, 19.37], 469023: [109.97, 19.69],
  469024: [109.69, 19.86], 469025: [109.37, 19.24], 469026: [109.03, 19.26], 469027: [109.07, 18.66],
  469028: [109.97, 18.56], 469029: [109.65, 18.59], 469030: [109.83, 19.08],
};

/** The inset: 南海诸岛 whole, with Hainan and the coast to the north. */
const FRAME = { west: 105.2, east: 122.6, south: 2.4, north: 23.2 };

/** What lies around and is no data: cut at the frame. */
const NEIGHBOURS = ['台湾', '广东', '广西', '香港', '澳门'];

/**
 * The dashed line as ECharts draws it in its own inset (coord/geo/fix/nanhai),
 * in the units of that drawing, and the place of each dash's centre in degrees:
 * the drawing is a sketch in a space of its own, while the islands here lie
 * where they are, so every dash is put at its place, in its shape, and smaller.
 */
const DASH_SCALE = [0.15, -0.16];
const DASHES = [
  { at: [109.6, 16.1], shape: [[12, 32.2], [14, 38.5], [15, 38.5], [13, 32.2], [12, 32.2]] },
  { at: [110.2, 12.1], shape: [[16, 47.6], [12, 53.2], [13, 53.2], [18, 47.6], [16, 47.6]] },
  { at: [108.3, 6.8], shape: [[6, 64.4], [8, 70], [9, 70], [8, 64.4], [6, 64.4]] },
  { at: [112.1, 3.5], shape: [[23, 82.6], [29, 79.8], [30, 79.8], [25, 82.6], [23, 82.6]] },
  { at: [116.1, 7.7], shape: [[37, 70.7], [43, 62.3], [44, 62.3], [39, 70.7], [37, 70.7]] },
  { at: [118.8, 11.8], shape: [[48, 51.1], [51, 45.5], [53, 45.5], [50, 51.1], [48, 51.1]] },
  { at: [119.0, 15.3], shape: [[51, 35], [51, 28.7], [53, 28.7], [53, 35], [51, 35]] },
  { at: [119.6, 18.3], shape: [[52, 22.4], [55, 17.5], [56, 17.5], [53, 22.4], [52, 22.4]] },
  { at: [121.4, 21.3], shape: [[58, 12.6], [62, 7], [63, 7], [60, 12.6], [58, 12.6]] },
];

/** Decodes a ring of ECharts' UTF8Encoding: zigzag deltas in 1/1024 degree. */
function decodeRing(text, offset) {
  let [x, y] = offset;
  const ring = [];
  for (let i = 0; i < text.length; i += 2) {
    const dx = text.charCodeAt(i) - 64;
    const dy = text.charCodeAt(i + 1) - 64;
    x += (dx >> 1) ^ -(dx & 1);
    y += (dy >> 1) ^ -(dy & 1);
    ring.push([x / 1024, y / 1024]);
  }
  return ring;
}

/** The outer rings of a feature of the source. */
function rings({ type, coordinates, encodeOffsets }) {
  return type === 'Polygon'
    ? [decodeRing(coordinates[0], encodeOffsets[0])]
    : coordinates.map((polygon, i) => decodeRing(polygon[0], encodeOffsets[i][0]));
}

/** Cuts a ring at the frame, side by side (Sutherland and Hodgman). */
function clip(ring) {
  const sides = [
    [0, FRAME.west, 1], [0, FRAME.east, -1], [1, FRAME.south, 1], [1, FRAME.north, -1],
  ];
  return sides.reduce((points, [axis, limit, sign]) => {
    const inside = (p) => (p[axis] - limit) * sign >= 0;
    const out = [];
    points.forEach((b, i) => {
      const a = points[(i + points.length - 1) % points.length];
      if (inside(a) !== inside(b)) {
        const t = (limit - a[axis]) / (b[axis] - a[axis]);
        out.push([a[0] + t * (b[0] - a[0]), a[1] + t * (b[1] - a[1])]);
      }
      if (inside(b)) out.push(b);
    });
    return out;
  }, ring);
}

/**
 * Thins a ring (Douglas and Peucker): no point lies farther than the tolerance,
 * in degrees, from what is left. What is too fine to be seen costs time with
 * every batch that is drawn.
 */
function thin(ring, tolerance) {
  const distance = (p, a, b) => {
    const [dx, dy] = [b[0] - a[0], b[1] - a[1]];
    const length = Math.hypot(dx, dy);
    if (length === 0) return Math.hypot(p[0] - a[0], p[1] - a[1]);
    return Math.abs(dx * (a[1] - p[1]) - dy * (a[0] - p[0])) / length;
  };
  const keep = (from, to) => {
    let [farthest, at] = [0, -1];
    for (let i = from + 1; i < to; i++) {
      const d = distance(ring[i], ring[from], ring[to]);
      if (d > farthest) [farthest, at] = [d, i];
    }
    if (farthest <= tolerance) return [ring[from]];
    return [...keep(from, at), ...keep(at, to)];
  };
  const thinned = [...keep(0, ring.length - 1), ring[ring.length - 1]];
  return thinned.length >= 4 ? thinned : ring.filter((_, i) => i % Math.ceil(ring.length / 4) === 0);
}

/** Rounds to a thousandth of a degree (about 100 m), drops repeats, closes. */
function tidy(ring) {
  const points = ring
    .map((p) => p.map((v) => Math.round(v * 1000) / 1000))
    .filter((p, i, all) => i === 0 || p[0] !== all[i - 1][0] || p[1] !== all[i - 1][1]);
  const [first, last] = [points[0], points[points.length - 1]];
  if (first[0] !== last[0] || first[1] !== last[1]) points.push([...first]);
  return points;
}

function feature(properties, outerRings) {
  const polygons = outerRings.map(tidy).filter((r) => r.length >= 4).map((r) => [r]);
  return { type: 'Feature', properties, geometry: { type: 'MultiPolygon', coordinates: polygons } };
}

function read(path) {
  return JSON.parse(readFileSync(join(root, 'map/json', path), 'utf8')).features;
}

function centred({ at, shape }) {
  const corners = shape.slice(0, -1);
  const middle = [0, 1].map((k) => corners.reduce((s, p) => s + p[k], 0) / corners.length);
  return shape.map((p) => [0, 1].map((k) => at[k] + (p[k] - middle[k]) * DASH_SCALE[k]));
}

/** The inset's border, as a thin closed band, so that it scales with the map. */
function border() {
  const { west: w, east: e, south: s, north: n } = FRAME;
  const t = 0.07;
  return [[w, s], [w, n], [e, n], [e, s], [w, s], [w + t, s + t], [e - t, s + t], [e - t, n - t], [w + t, n - t], [w + t, s + t], [w, s]];
}

/**
 * Tolerances: a third of a unit of the wall on the island, half of one in the
 * inset. The reefs of 三沙市 are dots there, every one of which stays.
 */
const FINE = 0.0015;
const COARSE = 0.04;

const counties = read('province/hainan.json').flatMap((f) => {
  const named = {
    code: f.id,
    name: f.properties.name,
    short: SHORT[f.id] ?? f.properties.name.replace(/[市县]$/, ''),
    anchor: ANCHOR[f.id] ?? f.properties.cp,
  };
  const outer = rings(f.geometry);
  const small = outer.map((r) => thin(r, COARSE));
  if (f.id === '460300') return [feature({ ...named, layers: ['inset'] }, small)];
  return [
    feature({ ...named, layers: ['main'] }, outer.map((r) => thin(r, FINE))),
    feature({ code: f.id, name: f.properties.name, layers: ['inset'] }, small),
  ];
});

const around = read('china.json').filter((f) => NEIGHBOURS.includes(f.properties.name));
const beside = (code, name, outerRings, more) => feature({ code, name, layers: ['around'], ...more }, outerRings);

const features = [
  beside('coast', '大陆与台湾', around.flatMap((f) => rings(f.geometry)).map(clip).filter((r) => r.length > 2).map((r) => thin(r, COARSE))),
  ...counties,
  beside('dashes', '南海断续线', DASHES.map(centred)),
  beside('border', '南海诸岛', [border()], { cp: [107.9, 3.6] }), // cp: where ECharts writes the name
];
process.stdout.write(`{"type":"FeatureCollection","inset":${JSON.stringify([[FRAME.west, FRAME.north], [FRAME.east, FRAME.south]])},"features":[\n${features.map((f) => JSON.stringify(f)).join(',\n')}\n]}\n`);
