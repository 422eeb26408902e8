// The same request as code. Each function gives text that runs as it is, with the token in STILLFRAME_TOKEN.

const quote = (text) => (/^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`);

const indent = (text, by) => text.replaceAll('\n', `\n${by}`);

/** The name of the file that the answer is written to; null when the answer has no content. */
export function fileName(options, schema) {
  const { response_type: type, format = 'png', outputs } = options;
  if (type === 'empty') return null;
  if (options.async || type === 'json' || type === 'url') return 'capture.json';
  const extensions = schema.properties.format['x-extensions'] ?? {};
  return `capture.${outputs ? extensions.zip : (extensions[format] ?? format)}`;
}

export function curl(options, { endpoint, file }) {
  const lines = [
    `curl --fail-with-body --location ${quote(`${endpoint}/capture`)}`,
    `--header "Authorization: Bearer $STILLFRAME_TOKEN"`,
    `--header 'Content-Type: application/json'`,
    `--data ${quote(JSON.stringify(options, null, 2))}`,
    file ? `--output ${file}` : null,
  ];
  return lines.filter(Boolean).join(' \\\n  ');
}

const PYTHON = new Map([
  [true, 'True'],
  [false, 'False'],
  [null, 'None'],
]);

/** A value as a Python literal; JSON's escapes of text are Python's too. */
function python(value, level) {
  if (PYTHON.has(value)) return PYTHON.get(value);
  if (typeof value !== 'object') return JSON.stringify(value);
  const inner = '    '.repeat(level + 1);
  const isList = Array.isArray(value);
  const items = isList
    ? value.map((item) => python(item, level + 1))
    : Object.entries(value).map(([name, item]) => `${JSON.stringify(name)}: ${python(item, level + 1)}`);
  const [open, close] = isList ? '[]' : '{}';
  const line = `${open}${items.join(', ')}${close}`;
  if (!items.length || (level && line.length < 60 && !line.includes('\n'))) return line;
  return `${open}\n${items.map((item) => `${inner}${item},\n`).join('')}${'    '.repeat(level)}${close}`;
}

export function client(options, { schema, endpoint }) {
  // The client waits for jobs and asks for the bytes by itself.
  const { async: _, response_type: __, ...named } = options;
  const inner = '        ';
  const lines = Object.entries(named).map(([name, value]) => `${inner}${name}=${python(value, 2)},\n`);
  const call = lines.length ? `client.capture(\n${lines.join('')}    )` : 'client.capture()';
  // Several outputs are written into a folder.
  const path = options.outputs ? 'capture' : fileName(named, schema);
  return [
    'import os',
    '',
    'from stillframe import Client',
    '',
    `with Client(${JSON.stringify(endpoint)}, os.environ["STILLFRAME_TOKEN"]) as client:`,
    `    result = ${call}`,
    `    result.save(${JSON.stringify(path)})`,
  ].join('\n');
}

export function javascript(options, { endpoint, file }) {
  const lines = [
    file ? `import { writeFile } from 'node:fs/promises';\n` : null,
    `const response = await fetch(${JSON.stringify(`${endpoint}/capture`)}, {`,
    `  method: 'POST',`,
    '  headers: {',
    `    Authorization: 'Bearer ' + process.env.STILLFRAME_TOKEN,`,
    `    'Content-Type': 'application/json',`,
    '  },',
    `  body: JSON.stringify(${indent(JSON.stringify(options, null, 2), '  ')}),`,
    '});',
    'if (!response.ok) throw new Error(await response.text());',
    file ? `await writeFile('${file}', Buffer.from(await response.arrayBuffer()));` : null,
  ];
  return lines.filter(Boolean).join('\n');
}

/** The command line: what it has no flag for is named in a comment. */
export function shell(options, { schema }) {
  const { url, ...others } = options;
  const parts = ['stillframe capture'];
  if (url !== undefined) parts[0] += ` ${quote(url)}`;
  const left = [];
  const done = {};
  for (const [name, value] of Object.entries(others)) {
    if (schema.properties[name]?.['x-cli'] === false) left.push(name);
    else {
      parts.push(...flags(`--${name.replaceAll('_', '-')}`, value));
      done[name] = value;
    }
  }
  parts.push(`--out ${fileName(done, schema)}`);
  const command = parts.join(' \\\n  ');
  return left.length ? `# Without ${left.join(', ')}: these need a running service.\n${command}` : command;
}

function flags(flag, value) {
  if (value === true) return [flag];
  if (value === false) return [flag.replace('--', '--no-')];
  if (typeof value !== 'object') {
    const text = String(value);
    return [text.startsWith('-') ? `${flag}=${quote(text)}` : `${flag} ${quote(text)}`];
  }
  const isPlain = Array.isArray(value) && value.every((item) => /^[^\s,[{'"/-][^,[{'"]*$/.test(String(item)));
  if (isPlain) return value.map((item) => `${flag} ${quote(String(item))}`);
  return [`${flag} ${quote(JSON.stringify(value))}`];
}
