// What static/js/panels/chart.js and map.js do with ECharts, without a page: called with
// ECharts and what measures a text in CSS notation of its font.
(function (echarts, measure) {
  'use strict';
  echarts.setPlatformAPI({ measureText: (text, font) => ({ width: measure(String(text), String(font || '')) }) });
  return {
    // Registers the layers of a map as "name.layer".
    map(name, json) {
      const { features } = JSON.parse(json);
      for (const layer of ['main', 'inset', 'around']) {
        echarts.registerMap(`${name}.${layer}`, {
          type: 'FeatureCollection',
          features: features.filter((f) => f.properties.layers.includes(layer)),
        });
      }
    },
    // Draws an option without data, and the data, as SVG.
    draw(option, kind, id, json, width, height) {
      const data = JSON.parse(json);
      const given = kind === 'flow' ? { series: [{ id, data: data.nodes, links: data.links }] } : { dataset: { source: data.source } };
      const chart = echarts.init(null, null, { renderer: 'svg', ssr: true, width, height });
      try {
        chart.setOption(JSON.parse(option), { notMerge: true, lazyUpdate: true });
        chart.setOption(given);
        return chart.renderToSVGString();
      } finally {
        chart.dispose();
      }
    },
  };
});
