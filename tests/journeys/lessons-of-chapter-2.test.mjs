import { chapter } from './lesson-player.mjs';

chapter(2, { last: 7 });
