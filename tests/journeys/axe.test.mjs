import { axe, button, journey, pause, present, press } from './fixtures.mjs';

const give = (page, command) => page.evaluate((json) => window.ackademy.command(json), JSON.stringify(command));
const seek = (page, ms) => page.evaluate((at) => window.ackademy.seek(at), ms);

/** Opens a part of the stage by its key. */
async function open(page, selector) {
  await page.locator(selector).first().focus();
  await page.keyboard.press('Enter');
}

/** An order that was tried again, a dead letter being edited, and what a toast says of both. */
async function orderAndLetter(page) {
  await pause(page);
  await give(page, { fail_rate: { service: 'shipping', per_mille: 1000 } });
  await seek(page, 90_000);
  await page.keyboard.press('f');
  await button(page, 'Stop following').waitFor();
  await axe(page);
  await page.keyboard.press('b');
  await page.locator('.toast').first().waitFor();
  await open(page, '[data-queue="dead-letters"]');
  await page.getByRole('button', { name: /^Edit order-/ }).first().click();
  await axe(page);
}

for (const theme of ['dark', 'light', 'dark-high', 'light-high']) {
  journey(`axe finds nothing on the shop and what opens there, ${theme}`, { theme }, async (page) => {
    await axe(page);
    await button(page, 'email').click();
    await page.getByRole('complementary', { name: 'Inspector: email' }).waitFor();
    await axe(page);
    await page.keyboard.press('i');
    await page.getByRole('complementary', { name: 'Instruments' }).waitFor();
    await axe(page);
    for (const key of ['?', 'Control+k']) {
      await page.keyboard.press(key);
      await page.getByRole('dialog').waitFor();
      await axe(page);
      await page.keyboard.press('Escape');
    }
    await press(page, 'Share this run');
    await axe(page);
    await page.keyboard.press('Escape');
    await page.keyboard.press('Escape');
    await page.keyboard.press('u');
    await button(page, '1 minute later').waitFor();
    await axe(page);
    await page.keyboard.press('Escape');
    await orderAndLetter(page);
  });
}

journey('axe finds nothing in presenter mode', { route: '#/lesson/acknowledge' }, async (page) => {
  await present(page);
  await axe(page);
  await press(page, 'email');
  await axe(page);
});

for (const [width, height] of [[390, 844], [320, 640]]) {
  journey(`axe finds nothing on a phone of ${width} px`, { width, height, touch: true }, async (page) => {
    await axe(page);
    await open(page, '#stage-service-email');
    await page.getByRole('complementary', { name: 'Inspector: email' }).waitFor();
    await axe(page);
    await orderAndLetter(page);
  });
}
