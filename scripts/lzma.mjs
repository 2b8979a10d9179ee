// Unpacks LZMA, which packs the engines a third smaller than a server's gzip. Browsers have no
// decoder of it; this one is a fraction of what the engines win.
//
// The format is that of `xz --format=lzma`, with the settings below and the true length in its
// header: https://github.com/jljusten/LZMA-SDK/blob/master/DOC/lzma-specification.txt

/** How many bits of the byte before choose the probabilities of a byte; no other place counts. */
const LITERAL_BITS = 1;
/** The settings of the packer that this understands. */
export const SETTINGS = `preset=9e,lc=${LITERAL_BITS},lp=0,pb=0,mf=bt3,depth=3000`;

const HEADER = 13;
const STATES = 12;
/** States from here on follow something that was copied. */
const AFTER_COPY = 7;
/** The distance that ends the file. */
const END = -1;

// Where the probabilities of each decision lie, in one list.
let places = 0;
const place = (count) => (places += count) - count;
const IS_COPY = place(STATES);
const IS_REPEAT = place(STATES);
/** Is the repeated distance not the first, not the second, not the third of the last four? */
const IS_OLDER = [place(STATES), place(STATES), place(STATES)];
const IS_LONG = place(STATES);
const SLOTS = place(4 * 64);
const SPECIAL = place(128);
const ALIGN = place(16);
const LENGTH = place(2 + 8 + 8 + 256);
const REPEAT_LENGTH = place(2 + 8 + 8 + 256);
const LITERALS = place(0x300 << LITERAL_BITS);

const SIGN = 1 << 31;

const damaged = () => new Error('The file is damaged.');

/** What was packed. */
export function unpack(packed) {
  const view = new DataView(packed.buffer, packed.byteOffset);
  const out = new Uint8Array(view.getUint32(5, true));
  const probabilities = new Uint16Array(places).fill(1024);
  let read = HEADER + 5;
  // Both are unsigned 32-bit numbers in the format, but signed ones are fast.
  let range = -1;
  let code = view.getInt32(HEADER + 1);

  const below = (bound) => (code ^ SIGN) < (bound ^ SIGN);
  const normalize = () => {
    if (range >>> 24) return;
    range <<= 8;
    code = (code << 8) | packed[read++];
  };
  const bit = (index) => {
    const probability = probabilities[index];
    const bound = Math.imul(range >>> 11, probability);
    const is = below(bound) ? 0 : 1;
    if (is) {
      range = (range - bound) | 0;
      code = (code - bound) | 0;
      probabilities[index] = probability - (probability >> 5);
    } else {
      range = bound;
      probabilities[index] = probability + ((2048 - probability) >> 5);
    }
    normalize();
    return is;
  };
  const evenBit = () => {
    range >>>= 1;
    const is = below(range) ? 0 : 1;
    if (is) code = (code - range) | 0;
    normalize();
    return is;
  };
  /** A number of so many bits, the highest first. */
  const number = (base, bits) => {
    let all = 1;
    for (let left = bits; left > 0; left--) all = (all << 1) | bit(base + all);
    return all - (1 << bits);
  };
  /** The same, the lowest bit first. */
  const reversed = (base, bits) => {
    let value = 0;
    for (let all = 1, at = 0; at < bits; at++) {
      const one = bit(base + all);
      all = (all << 1) | one;
      value |= one << at;
    }
    return value;
  };
  const length = (base) => {
    if (!bit(base)) return 2 + number(base + 2, 3);
    return bit(base + 1) ? 18 + number(base + 18, 8) : 10 + number(base + 10, 3);
  };
  const distance = (length) => {
    const slot = number(SLOTS + 64 * Math.min(length - 2, 3), 6);
    if (slot < 4) return slot;
    let bits = (slot >> 1) - 1;
    let high = 2 | (slot & 1);
    if (slot < 14) return (high << bits) + reversed(SPECIAL + (high << bits) - slot, bits);
    for (; bits > 4; bits--) high = (high << 1) | evenBit();
    return (high << 4) | reversed(ALIGN, 4);
  };
  /** A byte; after a copy it is likely not the one that would have come next there. */
  const literal = (before, expected) => {
    const base = LITERALS + 0x300 * (before >> (8 - LITERAL_BITS));
    let all = 1;
    for (let at = 7; expected !== undefined && at >= 0; at--) {
      const hint = (expected >> at) & 1;
      const one = bit(base + ((1 + hint) << 8) + all);
      all = (all << 1) | one;
      if (one !== hint) break;
    }
    while (all < 0x100) all = (all << 1) | bit(base + all);
    return all;
  };

  let written = 0;
  let state = 0;
  // The last distances, the latest first.
  let [first, second, third, fourth] = [0, 0, 0, 0];
  for (;;) {
    if (!bit(IS_COPY + state)) {
      if (written === out.length) throw damaged();
      const expected = state < AFTER_COPY ? undefined : out[written - first - 1];
      out[written] = literal(written ? out[written - 1] : 0, expected);
      written++;
      state = state < 4 ? 0 : state - (state < 10 ? 3 : 6);
      continue;
    }
    let count = 1;
    const copied = state >= AFTER_COPY;
    if (!bit(IS_REPEAT + state)) {
      count = length(LENGTH);
      [second, third, fourth] = [first, second, third];
      first = distance(count);
      if (first === END) break;
      state = copied ? 10 : 7;
    } else {
      const older = IS_OLDER.findIndex((base) => !bit(base + state));
      if (older === 1) [first, second] = [second, first];
      else if (older === 2) [first, second, third] = [third, first, second];
      else if (older < 0) [first, second, third, fourth] = [fourth, first, second, third];
      if (older === 0 && !bit(IS_LONG + state)) {
        state = copied ? 11 : 9;
      } else {
        count = length(REPEAT_LENGTH);
        state = copied ? 11 : 8;
      }
    }
    if (first >= written || written + count > out.length) throw damaged();
    for (const end = written + count; written < end; written++) out[written] = out[written - first - 1];
  }
  if (written !== out.length) throw damaged();
  return out;
}
