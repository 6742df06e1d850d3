// What static/js/panels/chart.js and map.js do with ECharts, without a page: draws charts as
// SVG. measure(text, font) is given, the width of a text in CSS notation of its font.
globalThis.console = { log() {}, warn() {}, error() {} };
// Nothing of a picture waits for a clock.
globalThis.setTimeout = globalThis.clearTimeout = () => 0;
echarts.setPlatformAPI({ measureText: (text, font) => ({ width: measure(String(text), String(font || '')) }) });

// Registers the layers of a map as "name.layer".
globalThis.addMap = (name, json) => {
  const { features } = JSON.parse(json);
  for (const layer of ['main', 'inset', 'around']) {
    echarts.registerMap(`${name}.${layer}`, {
      type: 'FeatureCollection',
      features: features.filter((f) => f.properties.layers.includes(layer)),
    });
  }
};

// Draws an option without data, and the data, as SVG. Both are given in one: the live view
// gives the data afterwards, since that is what changes.
globalThis.draw = (option, kind, id, json, width, height) => {
  const given = JSON.parse(option);
  const data = JSON.parse(json);
  if (kind === 'flow') {
    const series = given.series.find((s) => s.id === id) ?? given.series[0];
    series.data = data.nodes;
    series.links = data.links;
  } else {
    given.dataset = { source: data.source };
  }
  const chart = echarts.init(null, null, { renderer: 'svg', ssr: true, width, height });
  echarts.registerSSRDataGetter(() => undefined); // whose a shape is matters to a page alone
  try {
    chart.setOption(given);
    // As renderToSVGString, without the rules for a pointer and for motion.
    return chart.getZr().painter.renderToString({ cssAnimation: false, cssEmphasis: false });
  } finally {
    chart.dispose();
  }
};
