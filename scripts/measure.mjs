// Opens the built page that measures itself and prints its table.
//
//   node scripts/measure.mjs DIR TITLE [WORD IN THE NAME]

import { chromium } from 'playwright-core';
import { startServer } from './server.mjs';

const MINUTES = 60_000;
const [dir, title, word = ''] = process.argv.slice(2);

const server = await startServer(dir);
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM || '/usr/bin/chromium',
  args: ['--no-sandbox', '--disable-gpu', '--no-first-run', '--disable-background-networking'],
});
try {
  const page = await browser.newPage();
  const failed = new Promise((_, reject) => page.on('pageerror', reject));
  await page.goto(`http://127.0.0.1:${server.address().port}/#${word}`);
  const figures = page.locator('#figures[data-figures]');
  await Promise.race([figures.waitFor({ state: 'attached', timeout: 10 * MINUTES }), failed]);
  const rows = JSON.parse(await figures.getAttribute('data-figures'));
  console.log(`\n${title}, ${browser.browserType().name()} ${browser.version()}`);
  print([['What', 'Speed', 'One takes', 'Middle', '95 %', 'Aims'], ...rows.map(cells)]);
} finally {
  await browser.close();
  server.close();
  server.closeAllConnections();
}

function cells({ name, unit, nanos, middle_nanos: middle, most_nanos: most, per_second: speed, aims, note }) {
  const told = aims.map(({ aim, met }) => `${aim}: ${met ? 'met' : 'NOT MET'}`);
  const whole = Math.round(speed).toLocaleString('en');
  const micros = (time) => `${(time / 1000).toFixed(3)} µs`;
  const words = [...told, note].filter(Boolean).join('; ');
  return [name, `${whole} ${unit}/s`, micros(nanos), micros(middle), micros(most), words];
}

/** Columns as wide as they need, figures to the right. */
function print(table) {
  const width = (column) => Math.max(...table.map((row) => row[column].length));
  const [first, ...widths] = [0, 1, 2, 3, 4].map(width);
  for (const [name, ...rest] of table) {
    const aims = rest.pop();
    const figures = rest.map((cell, column) => cell.padStart(widths[column]));
    console.log([name.padEnd(first), ...figures, aims].join('  ').trimEnd());
  }
}
