import assert from 'node:assert/strict';
import { stat } from 'node:fs/promises';
import { axe, eventually, journey } from './fixtures.mjs';

const NOTE = /^Loading the engines, (\d+) of (\d+) KB$/;

/** Runs in the page: the engines' file stops in its first piece, as on a line that broke down. */
function stopHalfway() {
  const whole = window.fetch;
  window.fetch = async (...request) => {
    const response = await whole(...request);
    const reader = response.body.getReader();
    const stalled = new ReadableStream({
      async start(controller) {
        const { value } = await reader.read();
        controller.enqueue(value.subarray(0, value.length / 2));
      },
    });
    return new Response(stalled, response);
  };
}

for (const scheme of ['dark', 'light']) {
  const options = { route: null, scheme, init: stopHalfway };

  journey(`while the engines load, a true bar says how far, ${scheme}`, options, async (page, origin) => {
    await page.goto(origin, { waitUntil: 'commit' });
    const note = page.locator('#boot-note');
    const reading = async () => NOTE.exec((await note.textContent()) ?? '');
    await eventually(reading, 'a loading bar with bytes');
    const [, loaded, total] = (await reading()).map(Number);
    const { size } = await stat(new URL('../../dist/ackademy_bg.streams.lzma', import.meta.url));
    assert.equal(total, Math.round(size / 1000));
    assert.ok(loaded > 0 && loaded < total, `${loaded} of ${total}`);
    await axe(page);
  });
}
