import { chapter } from './lesson-player.mjs';

chapter(2, { first: 8 });
