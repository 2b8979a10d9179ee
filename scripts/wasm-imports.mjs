// Short names for what a WebAssembly module imports. wasm-bindgen's carry a hash of 16 digits each,
// which no packer makes smaller, once in the module and once in its script.

const IMPORT_SECTION = 2;

/** An unsigned LEB128 number and where it ends. */
function leb(from, at) {
  let value = 0;
  for (let shift = 0; ; shift += 7) {
    value |= (from[at] & 0x7f) << shift;
    if (from[at++] < 0x80) return [value >>> 0, at];
  }
}

function lebBytes(value) {
  const bytes = [];
  for (; value > 0x7f; value >>>= 7) bytes.push((value & 0x7f) | 0x80);
  return [...bytes, value];
}

/** Calls `each` with start and end of the names that the import section at `at` gives functions. */
function walk(module, at, each) {
  let [count, place] = leb(module, at);
  for (; count > 0; count--) {
    const [moduleLength, moduleName] = leb(module, place);
    const [length, name] = leb(module, moduleName + moduleLength);
    if (module[name + length] !== 0) throw new Error('The page imports something that is not a function.');
    each(moduleName + moduleLength, name, name + length);
    [, place] = leb(module, name + length + 1);
  }
}

/** The module and its script with short names in place of the imported functions'. */
export function shortenImports(module, script) {
  let header = 8;
  while (module[header] !== IMPORT_SECTION) {
    const [size, start] = leb(module, header + 1);
    header = start + size;
  }
  const [size, start] = leb(module, header + 1);
  const names = new Map();
  const section = [];
  let copied = start;
  walk(module, start, (before, name, end) => {
    const long = module.subarray(name, end).toString();
    if (!names.has(long)) names.set(long, `_${names.size.toString(36)}`);
    const short = Buffer.from(names.get(long));
    section.push(module.subarray(copied, before), Buffer.from(lebBytes(short.length)), short);
    copied = end;
  });
  section.push(module.subarray(copied, start + size));
  const body = Buffer.concat(section);
  const shortened = [module.subarray(0, header + 1), Buffer.from(lebBytes(body.length)), body];
  return {
    module: Buffer.concat([...shortened, module.subarray(start + size)]),
    script: script.replace(/\b__wb\w+/g, (name) => names.get(name) ?? name),
  };
}
