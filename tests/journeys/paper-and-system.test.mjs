// What the browser is told to pretend: another system, a printer.

import assert from 'node:assert/strict';
import { button, eventually, journey, started } from './fixtures.mjs';

const shownTheme = (page) => page.evaluate(() => document.documentElement.dataset.theme);

journey('the theme follows the system until one is chosen', { scheme: 'light' }, async (page) => {
  assert.equal(await shownTheme(page), 'light');
  await page.emulateMedia({ colorScheme: 'light', contrast: 'more' });
  await eventually(async () => (await shownTheme(page)) === 'light-high', 'high contrast', 5);
  await button(page, 'Theme: high contrast, light. Switch to dark').waitFor();
  await page.emulateMedia({ colorScheme: 'dark', contrast: 'more' });
  await eventually(async () => (await shownTheme(page)) === 'dark-high', 'dark', 5);
  await page.keyboard.press('t');
  await page.emulateMedia({ colorScheme: 'dark', contrast: 'no-preference' });
  assert.equal(await shownTheme(page), 'light-high', 'the choice stays');
});

journey('with forced colours the stage is drawn for the system\'s ground, whatever was chosen', { theme: 'dark' }, async (page) => {
  await page.emulateMedia({ colorScheme: 'light', forcedColors: 'active' });
  await page.reload();
  await started(page);
  assert.equal(await shownTheme(page), 'light-high');
});

journey('a lesson is printed as a document', { route: '#/lesson/acknowledge' }, async (page) => {
  await page.emulateMedia({ media: 'print' });
  await page.evaluate(() => dispatchEvent(new Event('beforeprint')));
  for (const heading of ['Acknowledge', 'To take along', 'The same in code', 'What stays']) {
    await page.getByRole('heading', { name: heading, exact: true }).first().waitFor({ timeout: 5_000 });
  }
  await page.getByText('With automatic acks the broker forgets').waitFor({ timeout: 5_000 });
  for (const name of ['Play', 'Kill email', 'Hint', 'All commands']) {
    assert.equal(await button(page, name).filter({ visible: true }).count(), 0, name);
  }
  const { ink, ground, cut } = await page.evaluate(() => {
    const body = document.querySelector('.lesson-body');
    return {
      ink: getComputedStyle(body.querySelector('p')).color,
      ground: getComputedStyle(document.body).backgroundColor,
      cut: body.scrollHeight > body.clientHeight + 1,
    };
  });
  assert.deepEqual([ink, ground, cut], ['rgb(0, 0, 0)', 'rgba(0, 0, 0, 0)', false]);
  await page.evaluate(() => dispatchEvent(new Event('afterprint')));
  await page.getByRole('heading', { name: 'What stays' }).waitFor({ state: 'detached', timeout: 5_000 });
});

journey('the browser prints all parts of a lesson on several sheets', { route: '#/lesson/acknowledge' }, async (page) => {
  await page.evaluate(() => {
    addEventListener('afterprint', () => { window.printed = true; });
  });
  const pdf = (await page.pdf({ format: 'A4' })).toString('latin1');
  const sheets = pdf.match(/\/Type\s*\/Page\b/g)?.length ?? 0;
  assert.ok(sheets >= 3, `${sheets} sheets`);
  await eventually(() => page.evaluate(() => window.printed), 'the end of printing', 5);
  await page.getByRole('tab', { name: 'Lesson', selected: true }).waitFor();
});
