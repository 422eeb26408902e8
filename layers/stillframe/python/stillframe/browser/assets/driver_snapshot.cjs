// Builds a startup snapshot of Playwright's driver: Node's heap after the driver's code was loaded and run.
// `node driver_snapshot.cjs <package directory> <file> <flag>...` writes the file.
'use strict';
const [packageRoot, file] = process.argv.slice(2);
// The host's state is in these modules, so V8 cannot serialise them: they are loaded when they are first used.
const LATE = ['child_process', 'dns', 'http', 'http2', 'https', 'inspector', 'net', 'tls'];
// Reading one of these globals loads `http2`.
const LATE_GLOBALS = [
  'CloseEvent',
  'ErrorEvent',
  'FormData',
  'Headers',
  'MessageEvent',
  'Request',
  'Response',
];

let building = true;
const builtins = new Map();
const modules = new Map();

/** A class or function that stands for one of a late module while the driver's modules are evaluated. */
function standIn(id, name) {
  const real = () => process.getBuiltinModule(id)[name];
  return function late(...values) {
    if (!new.target) return real()(...values);
    if (Object.getPrototypeOf(late.prototype) !== real().prototype) {
      Object.setPrototypeOf(late.prototype, real().prototype);
    }
    return Reflect.construct(real(), values, new.target);
  };
}

/** A built-in module with these exports, each of which is read from the real one. */
function late(id, names) {
  const exports = {};
  for (const name of names) {
    Object.defineProperty(exports, name, {
      enumerable: true,
      get: () => (building ? standIn(id, name) : process.getBuiltinModule(id)[name]),
      set: (value) => Reflect.set(process.getBuiltinModule(id), name, value),
    });
  }
  return exports;
}

function builtin(id, names) {
  const name = id.replace(/^node:/, '');
  if (!(name in names)) return process.getBuiltinModule(name);
  if (!builtins.has(name)) builtins.set(name, late(name, names[name]));
  return builtins.get(name);
}

// V8 looks at the property of a proxy's target too, so the target is not the global object.
const outer = new Proxy(
  {},
  {
    get: (_, name) => (building && LATE_GLOBALS.includes(name) ? class {} : globalThis[name]),
    has: (_, name) => name in globalThis,
    set: (_, name, value) => Reflect.set(globalThis, name, value),
  },
);

/** Source as one byte for each character, which halves it in the snapshot: its strings and comments are ASCII. */
function sourceOf(path) {
  const text = process.getBuiltinModule('fs').readFileSync(path, 'utf8');
  const ascii = text.replace(/[^\0-\x7f]/g, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`);
  return Buffer.from(ascii, 'latin1').toString('latin1');
}

/** Node's `require` is not available in a snapshot. */
function load(path, names) {
  const [fs, { dirname, resolve }] = ['fs', 'path'].map(process.getBuiltinModule);
  const found = [path, `${path}.js`, resolve(path, 'index.js')].find((p) =>
    fs.statSync(p, { throwIfNoEntry: false })?.isFile(),
  );
  if (!found) throw Object.assign(new Error(`Cannot find module '${path}'`), { code: 'MODULE_NOT_FOUND' });
  if (modules.has(found)) return modules.get(found).exports;
  const module = { exports: {} };
  modules.set(found, module);
  if (found.endsWith('.json')) {
    module.exports = JSON.parse(fs.readFileSync(found, 'utf8'));
    return module.exports;
  }
  const parameters = ['exports', 'require', 'module', '__filename', '__dirname', 'global', 'globalThis'];
  const run = process
    .getBuiltinModule('vm')
    .compileFunction(sourceOf(found), parameters, { filename: found });
  const require = (id) => (/^[./]/.test(id) ? load(resolve(dirname(found), id), names) : builtin(id, names));
  run.call(module.exports, module.exports, require, module, found, dirname(found), outer, outer);
  return module.exports;
}

/** In the process whose heap is written: what the package's cli.js does, up to reading its arguments. */
function fill(names) {
  load(`${packageRoot}/lib/bootstrap`, names);
  const { libCli } = load(`${packageRoot}/lib/coreBundle`, names);
  const { program } = load(`${packageRoot}/lib/utilsBundle`, names);
  libCli.decorateProgram(program);
  building = false;
  process.getBuiltinModule('v8').startupSnapshot.setDeserializeMainFunction(() => {
    // Node 26.13 puts no script into `argv`; later ones repeat the path of Node in its place.
    const [hook] = process.argv.slice(process.argv.indexOf('run-driver') + 1);
    // The driver's file system package keeps the working directory until the next call of this.
    process.chdir('.');
    if (hook) load(hook, names);
    program.parse([process.execPath, `${packageRoot}/cli.js`, 'run-driver']);
  });
}

if (process.getBuiltinModule('v8').startupSnapshot.isBuildingSnapshot()) {
  fill(JSON.parse(process.argv[4]));
} else {
  const names = Object.fromEntries(LATE.map((id) => [id, Object.getOwnPropertyNames(require(id))]));
  const flags = [...process.argv.slice(4), '--snapshot-blob', file, '--build-snapshot'];
  const { status } = require('node:child_process').spawnSync(
    process.execPath,
    [...flags, __filename, packageRoot, file, JSON.stringify(names)],
    { stdio: ['ignore', 'ignore', 'inherit'], env: {} },
  );
  process.exitCode = status ?? 1;
}
