// What axe finds on lessons and comparisons. Two days of the flash sale run for each theme, so each
// has a file of its own, which is given its own time.

import { axe, button, journey, lessonSlugs, visit } from './fixtures.mjs';

export function lessonsAndComparisons(theme) {
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
    await visit(page, '#/interview');
    await page.getByRole('textbox', { name: 'Your answer to question 1', exact: true }).fill('A call when the caller waits.');
    await button(page, 'Compare with a model answer').first().click();
    await axe(page);
    await visit(page, '#/game-day');
    await page.getByRole('heading', { name: 'Game day', level: 1 }).first().waitFor();
    await axe(page);
    await visit(page, '#/lesson/nope');
    await page.getByRole('dialog').waitFor();
    await axe(page);
  });
}
