// Makes what the browser and the exports are given of ECharts out of node_modules: the
// charts and components that panels draw with, in one module. It is in the repository, so
// that nothing is fetched at run time: npm run vendor. A new kind of chart is named here.
import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = dirname(fileURLToPath(import.meta.url));
const root = join(here, '../..');
const from = join(root, 'node_modules/echarts');
const to = join(here, 'echarts');

const parts = `
import { use } from 'echarts/core';
import { BarChart, LineChart, MapChart, SankeyChart, ScatterChart } from 'echarts/charts';
import { DatasetComponent, GeoComponent, GridSimpleComponent, VisualMapPiecewiseComponent } from 'echarts/components';
import { LabelLayout } from 'echarts/features';
import { SVGRenderer } from 'echarts/renderers';
use([BarChart, LineChart, MapChart, SankeyChart, ScatterChart, DatasetComponent, GeoComponent, GridSimpleComponent, VisualMapPiecewiseComponent, LabelLayout, SVGRenderer]);
export { init, registerMap, setPlatformAPI } from 'echarts/core';
export { registerSSRDataGetter } from 'zrender/lib/zrender.js';
`;

const { version } = JSON.parse(readFileSync(join(from, 'package.json'), 'utf8'));
mkdirSync(to, { recursive: true });
execFileSync('go', [
  'run', 'github.com/evanw/esbuild/cmd/esbuild@v0.28.2', '--bundle', '--minify', '--format=esm', '--target=es2022',
  '--define:process.env.NODE_ENV="production"', '--legal-comments=inline',
  `--banner:js=/*! Parts of Apache ECharts ${version}, Apache License 2.0: see LICENSE and NOTICE beside this file. */`, `--outfile=${join(to, 'echarts.mjs')}`,
], { cwd: root, input: parts, stdio: ['pipe', 'inherit', 'inherit'] });
for (const name of ['LICENSE', 'NOTICE']) copyFileSync(join(from, name), join(to, name));
writeFileSync(join(to, 'VERSION'), `${version}\n`);
// The types of the copy are those of the package: tsc reads this beside the copy.
writeFileSync(join(to, 'echarts.d.mts'), "export * from 'echarts';\n");
