// Loads the modules one after the other, each after those that it imports. On Lambda, requests at the same time
// would start as many functions, and a new account may run ten.

const MODULES = [
  'dom',
  'schema',
  'fields',
  'objects',
  'lists',
  'control',
  'form',
  'service',
  'report',
  'result',
  'failure',
  'history',
  'snippets',
  'code',
  'app',
];

for (const name of MODULES) await import(`./${name}.js`);
