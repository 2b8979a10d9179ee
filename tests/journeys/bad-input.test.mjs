import assert from 'node:assert/strict';
import {
  button, eventually, journey, noSidewaysScroll, playFast, press, service, slider, started, virtualTime, waitUntilVirtual,
} from './fixtures.mjs';

async function shopWorks(page) {
  await playFast(page);
  await waitUntilVirtual(page, 1_000);
  await press(page, 'Kill email');
  await button(page, 'Restart email').first().waitFor();
}

journey('a damaged link says what is wrong and leaves a working page', { route: '#/run/garbage' }, async (page) => {
  await page.getByText(/damaged/i).first().waitFor();
  await page.getByRole('button', { name: /keep my run/i }).click();
  await shopWorks(page);
});

journey('a damaged link met later leaves the run as it was', {}, async (page) => {
  await playFast(page);
  await waitUntilVirtual(page, 5_000);
  await page.evaluate(() => {
    location.hash = '#/run/%E0%A4%A';
  });
  await page.getByText(/damaged/i).first().waitFor();
  assert.ok((await virtualTime(page)) >= 5_000, 'the run is gone');
});

journey('an unknown lesson says so and shows the way', { route: '#/lesson/nope' }, async (page) => {
  await page.getByText(/no (such )?lesson/i).first().waitFor();
  await page.getByRole('dialog').getByRole('link', { name: 'All lessons' }).click();
  await page.locator('[data-lesson]').first().waitFor();
});

journey('the page works when storage throws on access', {
  init: () => {
    Object.defineProperty(window, 'localStorage', {
      get() {
        throw new DOMException('The operation is insecure.', 'SecurityError');
      },
    });
  },
}, shopWorks);

journey('the page works when storage holds garbage', {
  init: () => {
    for (const key of ['ackademy', 'ackademy.progress', 'ackademy.theme', 'ackademy.run', 'ackademy.settings']) {
      localStorage.setItem(key, '{"version": 99, "\u0000');
    }
  },
}, shopWorks);

journey('the page works when storage is full', {
  init: () => {
    Storage.prototype.setItem = () => {
      throw new DOMException('Full.', 'QuotaExceededError');
    };
  },
}, shopWorks);

journey('without WebAssembly a sentence says what is missing', {
  ready: false,
  init: () => {
    delete window.WebAssembly;
  },
}, async (page) => {
  await page.getByRole('alert').getByText(/no WebAssembly/).waitFor();
});

journey('when the engines cannot be loaded a sentence says so, and reloading helps', {
  route: null,
  complaints: [/Failed to load resource.* 404/],
}, async (page, origin) => {
  const broken = (route) => route.fulfill({ status: 404, body: '' });
  await page.route('**/*.streams.lzma', broken);
  await page.goto(origin);
  await page.getByRole('alert').getByText(/could not be loaded/).waitFor();
  await page.unroute('**/*.streams.lzma', broken);
  await button(page, 'Reload').click();
  await started(page);
});

for (const [what, answer] of [['do not arrive', { status: 404, body: '' }], ['are damaged', { status: 200, body: 'no lessons' }]]) {
  journey(`when the lessons ${what} a sentence says so, and the sandbox works`, {
    route: null,
    complaints: [/Failed to load resource.* 404/],
  }, async (page, origin) => {
    await page.route('**/lessons.lzma', (route) => route.fulfill(answer));
    await page.goto(`${origin}/#/lesson/the-chain`);
    await page.getByRole('dialog').getByText('The lessons could not be loaded').waitFor();
    await page.keyboard.press('Escape');
    await press(page, 'Kill email');
    await button(page, 'Restart email').first().waitFor();
  });
}

journey('a tab hidden for an hour comes back at once, where it was left', { clock: true }, async (page) => {
  const hide = (hidden) =>
    page.evaluate((value) => {
      Object.defineProperty(document, 'hidden', { value, configurable: true });
      Object.defineProperty(document, 'visibilityState', { value: value ? 'hidden' : 'visible', configurable: true });
      document.dispatchEvent(new Event('visibilitychange'));
    }, hidden);
  await page.evaluate(() => window.ackademy.play(1));
  await waitUntilVirtual(page, 500);
  await hide(true);
  const before = await virtualTime(page);
  await page.clock.fastForward('01:00:00');
  await hide(false);
  await eventually(async () => (await virtualTime(page)) > before, 'time runs again', 5);
  assert.ok((await virtualTime(page)) < before + 60_000, 'the hidden hour was played');
});

journey('shrinking the window to 320 px while the shop runs changes nothing in it', {}, async (page) => {
  await playFast(page);
  await waitUntilVirtual(page, 5_000);
  await page.setViewportSize({ width: 320, height: 640 });
  const at = await virtualTime(page);
  await eventually(async () => (await virtualTime(page)) > at, 'time runs on', 5);
  await noSidewaysScroll(page);
  await service(page, 'email').waitFor();
  await slider(page, /speed/i).first().waitFor({ state: 'attached' });
});
