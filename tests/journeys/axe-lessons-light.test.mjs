import { lessonsAndComparisons } from './axe-lessons.mjs';

lessonsAndComparisons('light');
