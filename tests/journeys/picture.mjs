// Small pictures of the page: shrunk, of few colours, written, read and compared.

import { deflateSync } from 'node:zlib';
import pixelmatch from 'pixelmatch';
import { PNG } from 'pngjs';
import Crc from 'pngjs/lib/crc.js';

const COLOURS = 256;
const SIGNATURE = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
/** How far a pixel's colour may be off before it counts, of 1. */
const TOLERANCE = 0.1;

/** A screenshot at half its size, in so few colours that it can be kept. */
export function reduced(screenshot) {
  const small = halved(PNG.sync.read(screenshot));
  const { palette, places } = indexed(small);
  for (const [pixel, place] of places.entries()) small.data.writeUInt32BE(palette[place], pixel * 4);
  return small;
}

/** Each pixel is the mean of four. */
function halved({ width, height, data }) {
  const half = new PNG({ width: width >> 1, height: height >> 1 });
  const row = width * 4;
  for (let at = 0; at < half.data.length; at += 1) {
    const pixel = at >> 2;
    const from = Math.floor(pixel / half.width) * 2 * row + (pixel % half.width) * 8 + (at & 3);
    half.data[at] = (data[from] + data[from + 4] + data[from + row] + data[from + row + 4]) >> 2;
  }
  return half;
}

/**
 * The colours that stand for all, and which of them stands for each pixel. Those that agree in five
 * bits of each channel are one: the one among them that occurs most.
 */
function indexed({ data }) {
  const counts = new Map();
  const colours = Uint32Array.from({ length: data.length / 4 }, (_, pixel) => data.readUInt32BE(pixel * 4));
  for (const colour of colours) counts.set(colour, (counts.get(colour) ?? 0) + 1);
  const coarse = (colour) => colour & 0xf8f8f800;
  const standing = new Map();
  for (const [colour] of [...counts].sort(([, a], [, b]) => b - a)) {
    if (!standing.has(coarse(colour))) standing.set(coarse(colour), colour);
  }
  const all = [...standing.values()];
  const palette = all.slice(0, COLOURS);
  const place = new Map(all.map((colour, index) => [coarse(colour), index < COLOURS ? index : nearest(palette, colour)]));
  return { palette, places: Uint8Array.from(colours, (colour) => place.get(coarse(colour))) };
}

function nearest(palette, colour) {
  const channels = (of) => [of >>> 24, (of >>> 16) & 0xff, (of >>> 8) & 0xff];
  const wanted = channels(colour);
  const distance = (other) => channels(other).reduce((sum, value, index) => sum + (value - wanted[index]) ** 2, 0);
  const distances = palette.map(distance);
  return distances.indexOf(Math.min(...distances));
}

/** As a PNG with a palette, which takes half the bytes of one with three channels. */
export function encoded(picture) {
  const { palette, places } = indexed(picture);
  const header = Buffer.from([0, 0, 0, 0, 0, 0, 0, 0, 8, 3, 0, 0, 0]);
  header.writeUInt32BE(picture.width, 0);
  header.writeUInt32BE(picture.height, 4);
  const colours = Buffer.from(palette.flatMap((colour) => [colour >>> 24, (colour >>> 16) & 0xff, (colour >>> 8) & 0xff]));
  const rows = Buffer.alloc((picture.width + 1) * picture.height);
  for (let y = 0; y < picture.height; y += 1) {
    rows.set(places.subarray(y * picture.width, (y + 1) * picture.width), y * (picture.width + 1) + 1);
  }
  const chunks = [['IHDR', header], ['PLTE', colours], ['IDAT', deflateSync(rows, { level: 9 })], ['IEND', Buffer.alloc(0)]];
  return Buffer.concat([SIGNATURE, ...chunks.map(([kind, content]) => chunk(kind, content))]);
}

function chunk(kind, content) {
  const body = Buffer.concat([Buffer.from(kind), content]);
  const [length, sum] = [Buffer.alloc(4), Buffer.alloc(4)];
  length.writeUInt32BE(content.length);
  sum.writeInt32BE(Crc.crc32(body));
  return Buffer.concat([length, body, sum]);
}

export function decoded(bytes) {
  return PNG.sync.read(bytes);
}

/** How many pixels differ, smoothed edges aside, their share, and a picture that shows where. */
export function difference(one, other) {
  const { width, height } = one;
  if (width !== other.width || height !== other.height) return { pixels: width * height, share: 1, shown: other };
  const shown = new PNG({ width, height });
  const pixels = pixelmatch(one.data, other.data, shown.data, width, height, { threshold: TOLERANCE });
  return { pixels, share: pixels / (width * height), shown };
}

/** The picture a few pixels further to the right, for tests of the comparison. */
export function shifted(picture, by) {
  const moved = new PNG({ width: picture.width, height: picture.height });
  picture.data.copy(moved.data);
  PNG.bitblt(picture, moved, 0, 0, picture.width - by, picture.height, by, 0);
  return moved;
}
