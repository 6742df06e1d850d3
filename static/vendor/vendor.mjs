// Copies what the browser is given of ECharts out of node_modules, so that the
// copy is in the repository and nothing is fetched at run time: npm run vendor
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = dirname(fileURLToPath(import.meta.url));
const from = join(here, '../../node_modules/echarts');
const to = join(here, 'echarts');

mkdirSync(to, { recursive: true });
for (const [source, name] of [['dist/echarts.esm.min.mjs', 'echarts.mjs'], ['LICENSE', 'LICENSE'], ['NOTICE', 'NOTICE']]) {
  copyFileSync(join(from, source), join(to, name));
}
const { version } = JSON.parse(readFileSync(join(from, 'package.json'), 'utf8'));
writeFileSync(join(to, 'VERSION'), `${version}\n`);
// The types of the copy are those of the package: tsc reads this beside the copy.
writeFileSync(join(to, 'echarts.d.mts'), "export * from 'echarts';\n");
