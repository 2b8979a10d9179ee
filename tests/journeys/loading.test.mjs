import assert from 'node:assert/strict';
import { stat } from 'node:fs/promises';
import { axe, eventually, journey } from './fixtures.mjs';

const NOTE = /^Loading the engines, (\d+) of (\d+) KB$/;

/** Opens the page on a line that carries about 40 KB/s, and returns while the bar is growing. */
async function openSlowly(page, url) {
  const devtools = await page.context().newCDPSession(page);
  await devtools.send('Network.enable');
  const line = { offline: false, latency: 5, downloadThroughput: 40_000, uploadThroughput: 40_000 };
  await devtools.send('Network.emulateNetworkConditions', line);
  await page.goto(url, { waitUntil: 'commit' });
  const note = page.locator('#boot-note');
  const reading = async () => NOTE.exec((await note.textContent({ timeout: 500 }).catch(() => '')) ?? '');
  await eventually(reading, 'a loading bar with bytes');
  return reading();
}

for (const scheme of ['dark', 'light']) {
  const options = { route: null, scheme };

  journey(`while the engines load, a true bar says how far, ${scheme}`, options, async (page, origin) => {
    const [, loaded, total] = (await openSlowly(page, origin)).map(Number);
    const { size } = await stat(new URL('../../dist/ackademy_bg.wasm.xz', import.meta.url));
    assert.equal(total, Math.round(size / 1000));
    assert.ok(loaded <= total);
    await axe(page);
  });
}
