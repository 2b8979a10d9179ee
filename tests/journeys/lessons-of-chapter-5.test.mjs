import { chapter } from './lesson-player.mjs';

chapter(5);
