// A WebAssembly module as streams of like bytes, which packs an eighth better than the module.
//
// A function is opcodes with their operands in between: locals, offsets, constants, calls. Each
// kind repeats itself, but in a pattern of its own, so `split` writes every kind into its own
// stream; `join` reads them back. Both take the same walk through the code, in opposite
// directions. Opcodes and operands: https://webassembly.github.io/spec/core/binary/instructions.html
//
// Three things make the streams more alike still:
// - Locals and constants are sorted by the opcode that follows: what is added is the address of a
//   field, what is compared is a tag, what is called with is something else again.
// - An alignment is written, among the opcodes, only where it is not the usual one.
// - Opcodes that often follow each other are one byte, of those that no opcode uses.

const [OPCODES, PAIRS, TYPES, LABELS, CALLS, GLOBALS, OFFSETS, FLOATS, REST, SORTED] = Array(10).keys();
const CODE_SECTION = 10;

/** The numbers that follow each opcode, as the streams that they go to. */
const NUMBERS = Array(256).fill([]);
for (const [first, last, ...kinds] of [
  [0x02, 0x04, TYPES],
  [0x0c, 0x0d, LABELS],
  [0x10, 0x10, CALLS],
  [0x11, 0x11, REST, REST],
  [0x20, 0x22, SORTED],
  [0x23, 0x26, GLOBALS],
  [0x28, 0x3e, OFFSETS],
  [0x3f, 0x40, REST],
  [0x41, 0x42, SORTED],
  [0xd0, 0xd0, REST],
  [0xd2, 0xd2, REST],
]) NUMBERS.fill(kinds, first, last + 1);

/** The usual alignments of loads and stores, which are the opcodes from 0x28 on. */
const ALIGNMENTS = [2, 3, 2, 3, 0, 0, 1, 1, 0, 0, 1, 1, 2, 2, 2, 3, 2, 3, 0, 1, 0, 1, 2];
const FIRST_LOAD = 0x28;
/** Stands for another alignment, which is added to it; no opcode is that high up to 0xfb. */
const ALIGNED = 0xe0;

/** How many indices follow an opcode with the prefix 0xfc, by its number; 0 to 7 are conversions. */
const BULK_INDICES = [0, 0, 0, 0, 0, 0, 0, 0, 2, 1, 2, 1, 2, 1, 2, 1, 1, 1];

/** Moves the operands of an opcode. */
function moveOperands(opcode, { number, bytes, alignment }) {
  const kinds = NUMBERS[opcode];
  if (kinds[0] === OFFSETS) alignment(ALIGNMENTS[opcode - FIRST_LOAD]);
  for (const kind of kinds) number(kind, opcode);
  if (opcode === 0x0e) for (let labels = number(LABELS) + 1; labels > 0; labels--) number(LABELS);
  else if (opcode === 0x43) bytes(FLOATS, 4);
  else if (opcode === 0x44) bytes(FLOATS, 8);
  else if (opcode === 0x1c) bytes(REST, number(REST));
  else if (opcode === 0xfc) for (let indices = BULK_INDICES[number(REST)]; indices > 0; indices--) number(REST);
}

/** Moves one function: its locals' types, then instructions until its last `end`. */
function moveFunction(route) {
  for (let groups = route.number(REST); groups > 0; groups--) {
    route.number(REST);
    route.bytes(REST, 1);
  }
  for (let depth = 1; depth > 0; ) {
    const opcode = route.bytes(OPCODES, 1);
    if (opcode >= 0x02 && opcode <= 0x04) depth++;
    else if (opcode === 0x0b) depth--;
    moveOperands(opcode, route);
  }
}

/** Operands of one opcode before one other; their numbers are above those of the streams. */
const group = (opcode, next) => (opcode << 8) | next;
const GROUPS = group(0x43, 0);

/** Where an unsigned LEB128 number ends. */
function lebEnd(from, at) {
  while (from[at] > 0x7f) at++;
  return at + 1;
}

/** Reads an unsigned LEB128 number. */
function leb(from, at) {
  let value = 0;
  for (let shift = 0; ; shift += 7) {
    value |= (from[at] & 0x7f) << shift;
    if (from[at++] < 0x80) return value >>> 0;
  }
}

function lebBytes(value) {
  const bytes = [];
  for (; value > 0x7f; value >>>= 7) bytes.push((value & 0x7f) | 0x80);
  return [...bytes, value];
}

/** Where the code section's header is, and where its functions begin and end. */
function codeSection(module) {
  for (let at = 8; at < module.length; ) {
    const start = lebEnd(module, at + 1);
    const end = start + leb(module, at + 1);
    if (module[at] === CODE_SECTION) return { header: at, start, end };
    at = end;
  }
  throw new Error('The WebAssembly module has no code section.');
}

/** Writes the most frequent pair of bytes as one byte that is unused, as long as that shortens. */
function pair(bytes) {
  const pairs = [];
  for (;;) {
    const unused = new Set(Array(256).keys());
    const counts = new Uint32Array(0x10000);
    for (let at = 0; at < bytes.length; at++) {
      unused.delete(bytes[at]);
      counts[(bytes[at] << 8) | bytes[at + 1]]++;
    }
    const [name] = unused;
    const most = counts.reduce((a, b) => Math.max(a, b));
    // Naming a pair takes three bytes.
    if (name === undefined || most <= 3) return [bytes, pairs];
    const [first, second] = [counts.indexOf(most) >> 8, counts.indexOf(most) & 0xff];
    pairs.push(name, first, second);
    const shorter = [];
    for (let at = 0; at < bytes.length; at++) {
      const both = bytes[at] === first && bytes[at + 1] === second;
      shorter.push(both ? name : bytes[at]);
      if (both) at++;
    }
    bytes = shorter;
  }
}

/** The bytes that `pair` was given. */
function unpair(bytes, pairs) {
  const words = Array.from({ length: 256 }, (_, byte) => [byte]);
  for (let at = 0; at < pairs.length; at += 3) {
    words[pairs[at]] = [...words[pairs[at + 1]], ...words[pairs[at + 2]]];
  }
  const all = new Uint8Array(bytes.reduce((length, byte) => length + words[byte].length, 0));
  let length = 0;
  for (const byte of bytes) {
    const word = words[byte];
    for (let at = 0; at < word.length; at++) all[length++] = word[at];
  }
  return all;
}

/** The module's streams one after another, each with its length (four bytes, little endian). */
export function split(module) {
  const { header, start, end } = codeSection(module);
  const streams = Array.from({ length: SORTED + 1 }, () => []);
  const sorted = Array.from({ length: GROUPS }, () => []);
  let at = start;
  const move = (stream, count) => {
    for (let left = count; left > 0; left--) stream.push(module[at++]);
    return module[at - 1];
  };
  const route = {
    bytes: (kind, count) => move(streams[kind], count),
    number(kind, opcode) {
      const value = leb(module, at);
      const next = lebEnd(module, at);
      move(kind === SORTED ? sorted[group(opcode, module[next])] : streams[kind], next - at);
      return value;
    },
    alignment(usual) {
      const found = module[at++];
      if (found !== usual) streams[OPCODES].push(ALIGNED + found);
    },
  };
  for (let functions = route.number(REST); functions > 0; functions--) {
    at = lebEnd(module, at);
    moveFunction(route);
  }
  if (at !== end) throw new Error('The WebAssembly module has instructions that are not known here.');
  [streams[OPCODES], streams[PAIRS]] = pair(streams[OPCODES]);
  streams[SORTED] = sorted.flat();
  const parts = [module.subarray(0, header), module.subarray(end), ...streams];
  return Buffer.concat(parts.flatMap((part) => [Buffer.from(Uint32Array.of(part.length).buffer), Buffer.from(part)]));
}

/** Where the operands of each opcode before each other one begin in their stream (see `group`). */
function sortedStarts(opcodes, sorted) {
  const counts = new Uint32Array(GROUPS);
  for (let at = 0; at < opcodes.length; at++) {
    if (NUMBERS[opcodes[at]][0] === SORTED) counts[group(opcodes[at], opcodes[at + 1])]++;
  }
  let start = 0;
  return counts.map((count) => {
    const here = start;
    for (; count > 0; count--) start = lebEnd(sorted, start);
    return here;
  });
}

/** The pieces, one after another, of the module whose streams these are. */
export function join(packed) {
  const view = new DataView(packed.buffer, packed.byteOffset);
  const parts = [];
  for (let at = 0; at < packed.length; ) {
    const start = at + 4;
    at = start + view.getUint32(at, true);
    parts.push(packed.subarray(start, at));
  }
  const [head, tail, ...streams] = parts;
  const opcodes = unpair(streams[OPCODES], streams[PAIRS]);
  streams[OPCODES] = opcodes;
  // How far each stream is read, and each group of the sorted one.
  const read = sortedStarts(opcodes, streams[SORTED]);
  const code = new Uint8Array(2 * packed.length);
  // The size of a function stands before it and is known after it, so it is written here first.
  const body = new Uint8Array(packed.length);
  let length = 0;
  let written = 0;
  const move = (stream, place, count) => {
    for (let left = count; left > 0; left--) body[written++] = stream[read[place]++];
    return body[written - 1];
  };
  const route = {
    bytes: (kind, count) => move(streams[kind], kind, count),
    number(kind, opcode) {
      const stream = streams[kind];
      const place = kind === SORTED ? group(opcode, opcodes[read[OPCODES]]) : kind;
      const value = leb(stream, read[place]);
      move(stream, place, lebEnd(stream, read[place]) - read[place]);
      return value;
    },
    alignment(usual) {
      const other = opcodes[read[OPCODES]] ^ ALIGNED;
      if (other < 8) read[OPCODES]++;
      body[written++] = other < 8 ? other : usual;
    },
  };
  const append = (bytes) => {
    code.set(bytes, length);
    length += bytes.length;
  };
  const appendBody = () => {
    append(body.subarray(0, written));
    written = 0;
  };
  let functions = route.number(REST);
  appendBody();
  for (; functions > 0; functions--) {
    moveFunction(route);
    append(lebBytes(written));
    appendBody();
  }
  return [head, Uint8Array.of(CODE_SECTION, ...lebBytes(length)), code.subarray(0, length), tail];
}
