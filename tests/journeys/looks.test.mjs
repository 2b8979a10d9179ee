// Themes, presenter mode and what is heard.

import assert from 'node:assert/strict';
import {
  button, controlsReachable, eventually, journey, noSidewaysScroll, pause, playFast, present, press, reload, tabTo, visit,
} from './fixtures.mjs';

const shownTheme = (page) => page.evaluate(() => document.documentElement.dataset.theme);

/** What is on the stage's canvas. */
const picture = (page) => page.evaluate(() => document.querySelector('.stage-canvas').toDataURL());

journey('the theme control says which theme is on and what it does, and the choice stays', {}, async (page) => {
  const order = ['dark', 'light', 'high contrast, dark', 'high contrast, light', 'dark'];
  await pause(page);
  const pictures = new Set();
  for (const [place, next] of order.slice(1).entries()) {
    await eventually(async () => !pictures.has(await picture(page)), `the stage in ${order[place]}`, 5);
    pictures.add(await picture(page));
    await press(page, `Theme: ${order[place]}. Switch to ${next}`);
  }
  await page.keyboard.press('t');
  await page.keyboard.press('t');
  assert.equal(await shownTheme(page), 'dark-high');
  await reload(page);
  assert.equal(await shownTheme(page), 'dark-high');
  await button(page, 'Theme: high contrast, dark. Switch to high contrast, light').waitFor();
});

/** How tall the smallest letters on the stage and the clock are drawn, in pixels of the screen. */
function sizes(page) {
  return page.evaluate(() => {
    const drawn = (selector) => {
      const element = document.querySelector(selector);
      const size = Number.parseFloat(getComputedStyle(element).fontSize);
      return size * (element.currentCSSZoom ?? 1);
    };
    return { stage: drawn('.svc-state'), clock: drawn('.clock'), figure: drawn('.m-val') };
  });
}

for (const [width, height, least] of [[1920, 1080, 16], [3840, 2160, 32]]) {
  journey(`presenter mode fills a wall of ${width} px, on every page, and stays until one leaves it`, { width, height }, async (page) => {
    const before = await sizes(page);
    await present(page);
    await eventually(async () => (await sizes(page)).stage >= least, 'large letters on the stage', 5);
    const { clock, figure } = await sizes(page);
    assert.ok(clock > before.clock * 1.9 && figure > before.figure * 1.9, `${clock}, ${figure}`);
    await controlsReachable(page);
    await visit(page, '#/lesson/acknowledge');
    await page.getByText('Kill email while it has').last().waitFor();
    await eventually(async () => (await sizes(page)).stage >= least, 'large letters in the lesson', 5);
    for (const route of ['#/lessons', '#/compare']) {
      await visit(page, route);
      await button(page, 'Leave presenter mode').waitFor();
      await noSidewaysScroll(page);
    }
    await visit(page, '#/');
    await reload(page);
    await eventually(async () => (await sizes(page)).stage >= least, 'large letters after a reload', 5);
    await page.keyboard.press('Escape');
    await button(page, 'Leave presenter mode').waitFor({ state: 'hidden' });
    await eventually(async () => (await sizes(page)).clock === before.clock, 'the size of before', 5);
  });
}

for (const [width, height, least] of [[2560, 1440, 45], [3840, 2160, 68]]) {
  journey(`at ${width} px the panels are as large as the stage, on every page`, { width, height }, async (page) => {
    for (const route of ['#/', '#/lesson/acknowledge', '#/compare']) {
      await visit(page, route);
      const play = await button(page, 'Play').or(button(page, 'Pause')).first().boundingBox();
      assert.ok(play.height >= least && play.y + play.height < height, `${route}: ${JSON.stringify(play)}`);
      await noSidewaysScroll(page);
      await controlsReachable(page);
    }
  });
}

journey('presenter mode fits a phone', { width: 390, height: 844, touch: true, route: '#/lesson/acknowledge' }, async (page) => {
  await present(page);
  await noSidewaysScroll(page);
  await controlsReachable(page);
});

journey('the Tab key comes to every control of the presenter, and the palette leaves it', {}, async (page) => {
  await present(page);
  for (const name of ['Leave presenter mode', 'Kill email', 'Pause', 'Run until']) {
    await tabTo(page, button(page, name));
  }
  await page.keyboard.press('Control+k');
  await page.keyboard.type('leave presenter');
  await page.keyboard.press('Enter');
  await button(page, 'Leave presenter mode').waitFor({ state: 'hidden' });
});

journey('what changes is heard in sentences, four seconds apart, and what is refused at once', {}, async (page) => {
  await page.evaluate(() => {
    window.heard = [];
    const region = document.querySelector('[role=status]');
    const note = () => window.heard.push([performance.now(), region.textContent]);
    new MutationObserver(note).observe(region, { childList: true, characterData: true, subtree: true });
  });
  await playFast(page, 200);
  for (const name of ['email', 'payment', 'analytics']) await press(page, `Kill ${name}`);
  const heard = () => page.evaluate(() => window.heard);
  await eventually(async () => (await heard()).length >= 3, 'three announcements', 20);
  const said = await heard();
  for (const [index, [at]] of said.entries()) {
    assert.ok(index === 0 || at - said[index - 1][0] > 3_000, JSON.stringify(said));
  }
  assert.ok(said.some(([, words]) => words.includes('email killed')), JSON.stringify(said));
  await visit(page, '#/compare');
  await page.keyboard.press('b');
  await page.getByRole('alert').getByText('Not here').waitFor();
});
