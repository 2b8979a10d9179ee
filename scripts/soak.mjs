// Plays the built page at 100 × and watches its memory and how it answers: see scripts/soak.

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { chromium } from 'playwright-core';
import { startServer } from './server.mjs';

const minutes = Number(process.argv[2]);
const EVERY = 20_000;
/** The checkpoints of a run and its series grow until they are full. */
const WARM_UP = 0.3;
const MOST_GROWTH = 1.1;
const MOST_MS = 100;
/** The log keeps its records for seven days, which would grow by 6 MB in each hour of the shop. */
const RETENTION_MS = '10000';

const server = await startServer('dist');
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM || '/usr/bin/chromium',
  args: ['--no-sandbox', '--disable-gpu', '--no-first-run', '--disable-background-networking'],
});
try {
  const page = await browser.newPage({ viewport: { width: 1440, height: 900 } });
  const complaints = [];
  page.on('console', (message) => complaints.push(message.text()));
  page.on('pageerror', (error) => complaints.push(error.message));
  await page.goto(`http://127.0.0.1:${server.address().port}/`);
  await page.waitForFunction(() => window.ackademy && !document.querySelector('.boot'));
  await page.evaluate((value) => {
    for (const topic of ['order-created', 'order-paid']) {
      for (const setting of ['retention.ms', 'segment.ms']) {
        window.ackademy.command({ alter_topic: { topic, setting, value } });
      }
    }
    window.ackademy.play(100);
  }, RETENTION_MS);
  const devtools = await page.context().newCDPSession(page);
  const processes = await browser.newBrowserCDPSession();
  const seen = [];
  const end = Date.now() + minutes * 60_000;
  while (Date.now() < end) {
    const answers = [await answered(page, 'Kill email'), await answered(page, 'Restart email')];
    await sleep(EVERY);
    seen.push({ ...(await memory(devtools, processes)), answer: Math.max(...answers) });
    const { heap, whole, nodes, answer } = seen.at(-1);
    console.log(`${mb(heap)} heap, ${mb(whole)} in all, ${nodes} nodes, ${answer.toFixed(0)} ms to answer`);
  }
  assert.deepEqual(complaints, [], 'the page complained');
  const warm = seen.slice(Math.ceil(seen.length * WARM_UP));
  for (const kind of ['heap', 'whole', 'nodes']) flat(kind, warm.map((one) => one[kind]));
  const slow = seen.filter(({ answer }) => answer > MOST_MS).length;
  assert.ok(slow <= seen.length / 20, `${slow} of ${seen.length} presses took longer than ${MOST_MS} ms`);
  console.log(`Flat after the first ${WARM_UP * 100} %, ${2 * seen.length} presses answered, no message.`);
} finally {
  await browser.close();
  server.close();
  server.closeAllConnections();
}

/** Milliseconds from a press of a button until its name has changed. A lost press never ends. */
function answered(page, name) {
  return page.evaluate(
    (label) =>
      new Promise((resolve, reject) => {
        const button = [...document.querySelectorAll('button')].find((one) => one.getAttribute('aria-label') === label);
        const start = performance.now();
        const changed = new MutationObserver(() => {
          if (button.getAttribute('aria-label') === label) return;
          changed.disconnect();
          resolve(performance.now() - start);
        });
        changed.observe(button, { attributes: true });
        button.click();
        setTimeout(() => reject(new Error(`“${label}” was pressed and nothing came of it`)), 5_000);
      }),
    name,
  );
}

/** The heap of JavaScript, the DOM's nodes, and the whole process, which has the engines' memory. */
async function memory(devtools, processes) {
  await devtools.send('HeapProfiler.collectGarbage');
  const { usedSize } = await devtools.send('Runtime.getHeapUsage');
  const { nodes } = await devtools.send('Memory.getDOMCounters');
  const { processInfo } = await processes.send('SystemInfo.getProcessInfo');
  const sizes = processInfo.filter(({ type }) => type === 'renderer').map(({ id }) => resident(id));
  return { heap: usedSize, whole: Math.max(...(await Promise.all(sizes))), nodes };
}

/** Bytes that a process has in memory, as Linux says it. */
async function resident(process) {
  const status = await readFile(`/proc/${process}/status`, 'utf8');
  return Number(/^VmRSS:\s+(\d+)/m.exec(status)[1]) * 1024;
}

/** The second half is at most a tenth above the first. */
function flat(kind, figures) {
  const half = Math.ceil(figures.length / 2);
  const [early, late] = [figures.slice(0, half), figures.slice(half)].map((part) => Math.max(...part));
  assert.ok(late <= early * MOST_GROWTH, `${kind} goes on growing: from ${early} to ${late}`);
}

function mb(bytes) {
  return `${(bytes / 1e6).toFixed(1)} MB`;
}
