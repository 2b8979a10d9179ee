// Starts the module that its own tag names.
const { js, wasm } = document.getElementById('start').dataset;
const module = await import(new URL(js, document.baseURI));
await module.default({ module_or_path: new URL(wasm, document.baseURI) });
