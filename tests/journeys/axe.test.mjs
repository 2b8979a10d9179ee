import { axe, journey, lessonSlugs, visit } from './fixtures.mjs';

for (const scheme of ['dark', 'light']) {
  journey(`axe finds nothing on the shop, ${scheme}`, { scheme }, axe);

  journey(`axe finds nothing on the list of lessons, ${scheme}`, { scheme, route: '#/lessons' }, axe);

  journey(`axe finds nothing on the second lesson, ${scheme}`, { scheme }, async (page) => {
    const slugs = await lessonSlugs(page);
    await visit(page, `#/lesson/${slugs[1]}`);
    await axe(page);
  });
}

journey('axe finds nothing on a phone', { width: 390, height: 844, touch: true }, axe);
