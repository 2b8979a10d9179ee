// A WebAssembly module as streams of like bytes, which packs an eighth better than the module.
//
// A function is opcodes with their operands in between: locals, offsets, constants, calls. Each
// kind repeats itself, but in a pattern of its own, so `split` writes every kind into its own
// stream; `join` reads them back. Both take the same walk through the code, in opposite
// directions. Opcodes and operands: https://webassembly.github.io/spec/core/binary/instructions.html

const [OPCODES, TYPES, LABELS, CALLS, LOCALS, GLOBALS, ALIGNMENTS, OFFSETS, ADDENDS, CONSTANTS, LONGS, FLOATS, REST] =
  Array(13).keys();
const KINDS = 13;
const CODE_SECTION = 10;
const I32_ADD = 0x6a;

/** The numbers that follow each opcode, as the streams that they go to. */
const NUMBERS = Array(256).fill([]);
for (const [first, last, ...kinds] of [
  [0x02, 0x04, TYPES],
  [0x0c, 0x0d, LABELS],
  [0x10, 0x10, CALLS],
  [0x11, 0x11, REST, REST],
  [0x20, 0x22, LOCALS],
  [0x23, 0x26, GLOBALS],
  [0x28, 0x3e, ALIGNMENTS, OFFSETS],
  [0x3f, 0x40, REST],
  [0x42, 0x42, LONGS],
  [0xd0, 0xd0, REST],
  [0xd2, 0xd2, REST],
]) NUMBERS.fill(kinds, first, last + 1);

/** How many indices follow an opcode with the prefix 0xfc, by its number; 0 to 7 are conversions. */
const BULK_INDICES = [0, 0, 0, 0, 0, 0, 0, 0, 2, 1, 2, 1, 2, 1, 2, 1, 1, 1];

/** Moves the operands of an opcode. */
function moveOperands(opcode, { number, bytes, opcodeAfterNumber }) {
  for (const kind of NUMBERS[opcode]) number(kind);
  if (opcode === 0x0e) for (let labels = number(LABELS) + 1; labels > 0; labels--) number(LABELS);
  // A constant that is added is the address of a field; others are values.
  else if (opcode === 0x41) number(opcodeAfterNumber() === I32_ADD ? ADDENDS : CONSTANTS);
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

/** The module's streams one after another, each with its length (four bytes, little endian). */
export function split(module) {
  const { header, start, end } = codeSection(module);
  const streams = Array.from({ length: KINDS }, () => []);
  let at = start;
  const route = {
    bytes(kind, count) {
      for (let left = count; left > 0; left--) streams[kind].push(module[at++]);
      return module[at - 1];
    },
    number(kind) {
      const value = leb(module, at);
      route.bytes(kind, lebEnd(module, at) - at);
      return value;
    },
    opcodeAfterNumber: () => module[lebEnd(module, at)],
  };
  for (let functions = route.number(REST); functions > 0; functions--) {
    at = lebEnd(module, at);
    moveFunction(route);
  }
  if (at !== end) throw new Error('The WebAssembly module has instructions that are not known here.');
  const parts = [module.subarray(0, header), module.subarray(end), ...streams];
  return Buffer.concat(parts.flatMap((part) => [Buffer.from(Uint32Array.of(part.length).buffer), Buffer.from(part)]));
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
  const read = streams.map(() => 0);
  const code = new Uint8Array(2 * packed.length);
  // The size of a function stands before it and is known after it, so it is written here first.
  const body = new Uint8Array(packed.length);
  let length = 0;
  let written = 0;
  const route = {
    bytes(kind, count) {
      for (let left = count; left > 0; left--) body[written++] = streams[kind][read[kind]++];
      return body[written - 1];
    },
    number(kind) {
      const value = leb(streams[kind], read[kind]);
      route.bytes(kind, lebEnd(streams[kind], read[kind]) - read[kind]);
      return value;
    },
    opcodeAfterNumber: () => streams[OPCODES][read[OPCODES]],
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
