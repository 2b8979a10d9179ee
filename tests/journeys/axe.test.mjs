import { axe, button, journey, lessonSlugs, present, press, visit } from './fixtures.mjs';

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
  });

  journey(`axe finds nothing on lessons and comparisons, ${theme}`, { theme }, async (page) => {
    const slugs = await lessonSlugs(page);
    await axe(page);
    await visit(page, `#/lesson/${slugs[1]}`);
    for (const part of ['Quiz', 'Code', 'Lesson']) {
      await page.getByRole('tab', { name: part }).click();
      await axe(page);
    }
    await visit(page, '#/compare');
    await page.getByRole('heading', { name: 'What differs' }).waitFor();
    await axe(page);
  });
}

journey('axe finds nothing in presenter mode', { route: '#/lesson/acknowledge' }, async (page) => {
  await present(page);
  await axe(page);
  await press(page, 'email');
  await axe(page);
});

journey('axe finds nothing on a phone', { width: 390, height: 844, touch: true }, axe);
