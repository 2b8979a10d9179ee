// What every journey needs: the built page on a free port, a browser, a page that fails its
// test on any complaint, and words for what learners do and see.

import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import axeCore from 'axe-core';
import { chromium, firefox } from 'playwright-core';
import { startServer } from '../../scripts/server.mjs';

const DIST = new URL('../../dist', import.meta.url).pathname;
const CHROMIUM_FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

let server;
/** By what they were started with: Firefox takes the learner's preferences only at its start. */
const browsers = new Map();

async function start({ dark, calm }) {
  server ??= startServer(DIST);
  const inFirefox = process.env.BROWSER === 'firefox';
  const key = inFirefox ? `${dark} ${calm}` : '';
  if (!browsers.has(key)) browsers.set(key, inFirefox ? startFirefox(dark, calm) : startChromium());
  return { browser: await browsers.get(key), origin: `http://127.0.0.1:${(await server).address().port}` };
}

function startChromium() {
  return chromium.launch({ executablePath: process.env.CHROMIUM || '/usr/bin/chromium', args: CHROMIUM_FLAGS });
}

/** The Firefox of the machine, over WebDriver BiDi. */
function startFirefox(dark, calm) {
  return firefox.launch({
    channel: 'moz-firefox',
    executablePath: process.env.FIREFOX || '/usr/bin/firefox-esr',
    firefoxUserPrefs: { 'ui.systemUsesDarkTheme': Number(dark), 'ui.prefersReducedMotion': Number(calm) },
  });
}

after(async () => {
  for (const browser of browsers.values()) await (await browser).close();
  (await server)?.close();
  (await server)?.closeAllConnections();
});

/**
 * A test with a page. Afterwards it fails on any console error or warning, uncaught error or
 * request to another origin that the journey did not expect.
 *
 * Options: `route` (null to open nothing yet), `width`, `height`, `scheme` (of the system: dark, light), `theme`
 * (that was chosen: dark, light, dark-high, light-high), `reducedMotion`, `touch`,
 * `clock` (a clock that the test can move), `init` (a function that runs in the page before
 * anything else), `complaints` (patterns of those that belong to this journey), and `ready`:
 * false to return before the page has started.
 */
export function journey(name, options, body) {
  test(name, async () => {
    const preferences = { dark: options.scheme !== 'light', calm: options.reducedMotion ?? false };
    const { browser, origin } = await start(preferences);
    const context = await browser.newContext({
      viewport: { width: options.width ?? 1440, height: options.height ?? 900 },
      colorScheme: options.scheme ?? 'dark',
      reducedMotion: options.reducedMotion ? 'reduce' : 'no-preference',
      hasTouch: options.touch ?? false,
    });
    try {
      const page = await context.newPage();
      const complaints = listen(page, origin);
      if (options.clock) await page.clock.install();
      if (options.theme) await page.addInitScript((theme) => localStorage.setItem('ackademy.theme', theme), options.theme);
      if (options.init) await page.addInitScript(options.init);
      if (options.route !== null) await go(page, `${origin}/${options.route ?? '#/'}`, options);
      await body(page, origin);
      const allowed = options.complaints ?? [];
      const left = complaints.filter((text) => !allowed.some((pattern) => pattern.test(text)));
      assert.deepEqual(left, [], 'the page complained');
    } finally {
      await context.close();
    }
  });
}

function listen(page, origin) {
  const complaints = [];
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type())) complaints.push(`console: ${message.text()}`);
  });
  page.on('pageerror', (error) => {
    // Firefox runs what is to run first in an empty page before ours too, which has no storage.
    if (process.env.BROWSER === 'firefox' && error.message === 'The operation is insecure.') return;
    complaints.push(`uncaught: ${error.message}`);
  });
  page.on('request', (request) => {
    const url = new URL(request.url());
    if (url.origin !== origin && !['blob:', 'data:'].includes(url.protocol)) {
      complaints.push(`request to another origin: ${url}`);
    }
  });
  return complaints;
}

async function go(page, url, { ready = true }) {
  await page.goto(url);
  if (ready) await started(page);
}

/** The loading screen is gone and the page answers. */
export async function started(page) {
  await page.waitForFunction(() => window.ackademy && !document.querySelector('.boot'));
}

/** Goes to another route of the loaded page, as a link would. */
export async function visit(page, route) {
  await page.evaluate((hash) => {
    location.hash = hash;
  }, route);
  await started(page);
}

export async function reload(page) {
  await page.reload();
  await started(page);
}

// --- What learners press and see --------------------------------------------------------------

export const button = (page, name) => page.getByRole('button', { name, exact: true });
export const slider = (page, name) => page.getByRole('slider', { name });
export const queue = (page, name) => page.locator(`[data-queue="${name}"]`).first();
export const service = (page, name) => page.locator(`[data-service="${name}"]`).first();

export async function press(page, name) {
  await button(page, name).first().click();
}

export async function figure(locator, attribute) {
  return Number(await locator.getAttribute(attribute));
}

/** Lets time run, many times faster than a clock. Only a matter of patience: hands can do it. */
export async function playFast(page, speed = 60) {
  await page.evaluate((times) => window.ackademy.play(times), speed);
}

/** Enters presenter mode by its key, which is heard as soon as the page listens. */
export async function present(page) {
  const leave = button(page, 'Leave presenter mode');
  await eventually(async () => {
    if (!(await leave.isVisible())) await page.keyboard.press('w');
    await sleep(200);
    return leave.isVisible();
  }, 'presenter mode', 5);
}

export async function pause(page) {
  await page.evaluate(() => window.ackademy.pause());
}

export async function observe(page) {
  return page.evaluate(() => {
    const seen = window.ackademy.observe();
    return typeof seen === 'string' ? JSON.parse(seen) : seen;
  });
}

/** Virtual milliseconds since the start of the run. */
export async function virtualTime(page) {
  return (await observe(page)).now_ms;
}

export async function waitUntilVirtual(page, ms) {
  await eventually(async () => (await virtualTime(page)) >= ms, `${ms} ms of virtual time`);
}

/** Answers the prediction that a lesson asks for before its first step, if it asks. */
export async function predict(page) {
  const choices = page.getByRole('group', { name: /predict/i }).getByRole('radio');
  if ((await choices.count()) > 0) await choices.first().check({ force: true });
}

// --- How learners go through a lesson ---------------------------------------------------------

/** The dots in the top bar say that a step is the present one; `null` that all are done. */
export async function atStep(page, step, of, seconds = 30) {
  await dots(page, step, of).waitFor({ timeout: seconds * 1000 });
}

export const isAtStep = (page, step, of) => dots(page, step, of).isVisible();

function dots(page, step, of) {
  const name = step === null ? `All ${of} steps done` : `Step ${step} of ${of}`;
  return page.getByRole('img', { name, exact: true }).filter({ visible: true }).first();
}

/** The cells of one row of the table behind the stage: `['1,240 ready', '0 in hand']`. */
export async function stageRow(page, name) {
  const table = page.getByRole('table', { name: 'The stage in figures' });
  const row = table.getByRole('row').filter({ has: page.getByRole('rowheader', { name, exact: true }) });
  return row.getByRole('cell').allTextContents();
}

/** A figure of the ledger beside the lesson. */
export async function ledger(page, name) {
  const entry = page.getByRole('region', { name: 'Ledger' }).locator('div', { has: page.getByText(name, { exact: true }) });
  return Number((await entry.getByRole('definition').last().textContent()).replaceAll(',', ''));
}

/** Presses a slider with the mouse, at a share of its way. */
export async function pressSlider(locator, share) {
  await locator.scrollIntoViewIfNeeded();
  const { width, height } = await locator.boundingBox();
  const thumb = 16;
  await locator.click({ position: { x: thumb / 2 + (width - thumb) * share, y: height / 2 } });
}

export const option = (page, group, name) => page.getByRole('group', { name: group }).getByRole('radio', { name });

/**
 * Presses Tab until something has the focus, as one does who has no mouse. The way must not lead past
 * the page's last control: behind it stand the browser's own, and Firefox keeps the focus there.
 */
export async function tabTo(page, locator, { most = 60, back = false } = {}) {
  const reached = () => locator.evaluateAll((all) => all.includes(document.activeElement));
  for (let presses = 0; presses <= most; presses += 1) {
    if (await reached()) return presses;
    await page.keyboard.press(back ? 'Shift+Tab' : 'Tab');
  }
  return assert.fail(`after ${most} presses of Tab the focus is not on ${locator}`);
}

/** The addresses of all lessons, in the order of the list. */
export async function lessonSlugs(page) {
  await visit(page, '#/lessons');
  await page.locator('[data-lesson]').first().waitFor();
  const slugs = await page.locator('[data-lesson]').evaluateAll((all) => all.map((one) => one.dataset.lesson));
  return [...new Set(slugs)];
}

// --- What must hold ---------------------------------------------------------------------------

/** Tries until it holds, or fails with what did not come about. */
export async function eventually(holds, what, seconds = 30) {
  const end = Date.now() + seconds * 1000;
  while (Date.now() < end) {
    if (await holds()) return;
    await sleep(50);
  }
  assert.fail(`after ${seconds} s there was still not: ${what}`);
}

/** Letters have their fonts and nothing fades. What follows a scroll bar never ends. */
export async function still(page) {
  await page.evaluate(async () => {
    await document.fonts.ready;
    // A hint that offers itself after a minute is not waited for.
    const soon = (a) => a.timeline === document.timeline && a.effect.getTiming().delay < 1_000;
    const timed = document.getAnimations().filter(soon);
    await Promise.allSettled(timed.map((a) => a.finished));
  });
}

/** No violation of WCAG 2.2 A and AA that axe can find. */
export async function axe(page) {
  await still(page);
  await page.evaluate(axeCore.source);
  const violations = await page.evaluate(async () => {
    const tags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];
    const { violations: found } = await window.axe.run(document, { runOnly: tags });
    return found.map(({ id, help, nodes }) => `${id}: ${help}: ${nodes.map((n) => n.target.join(' ')).join(', ')}`);
  });
  assert.deepEqual(violations, []);
}

export async function noSidewaysScroll(page) {
  const { content, window: room } = await page.evaluate(() => ({
    content: document.documentElement.scrollWidth,
    window: document.documentElement.clientWidth,
  }));
  assert.ok(content <= room, `the content is ${content} px wide in a window of ${room} px`);
}

/** Each control that can be seen can be scrolled to and is not covered by something else. */
export async function controlsReachable(page) {
  const lost = await page.evaluate(() => {
    const named = (e) => e.getAttribute('aria-label') || e.textContent.trim() || e.id || e.tagName;
    const reachable = (control) => {
      control.scrollIntoView({ block: 'center', inline: 'center', behavior: 'instant' });
      const box = control.getBoundingClientRect();
      const x = box.left + box.width / 2;
      const y = box.top + box.height / 2;
      const top = document.elementFromPoint(x, y);
      const label = control.labels?.[0];
      return top && (control.contains(top) || top.contains(control) || label?.contains(top));
    };
    const controls = document.querySelectorAll('button, a[href], input, select, [role=slider]');
    return [...controls]
      .filter((e) => e.checkVisibility({ visibilityProperty: true, opacityProperty: true }))
      .filter((e) => e.matches(':not(:disabled)') && !e.closest('[inert], .skip, .sr'))
      .filter((e) => !reachable(e))
      .map(named);
  });
  assert.deepEqual(lost, [], 'controls that a finger cannot reach');
}
