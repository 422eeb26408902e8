// Reads JSON Schema: which control shows a value, and which values it takes.

/**
 * The schema with its reference followed; what stands beside the reference takes precedence. Objects within a
 * request have `x-default` in place of `default`, since generated clients would send the latter.
 */
export function resolve(schema, document) {
  const { $ref, ...own } = schema;
  if ('x-default' in own) own.default ??= own['x-default'];
  if (!$ref) return own;
  const path = $ref.slice(2).split('/');
  const target = path.reduce((part, name) => part[name], document);
  return { ...resolve(target, document), ...own };
}

/** The shapes of which a value has one, without null. */
export function shapes(schema, document) {
  const resolved = resolve(schema, document);
  const some = resolved.anyOf ?? resolved.oneOf;
  if (!some) return resolved.type === 'null' ? [] : [resolved];
  return some.flatMap((shape) => shapes(shape, document));
}

const SCALARS = new Set(['string', 'number', 'integer']);

/** The values of a shape that has few; undefined for another. */
function listed(shape) {
  if (shape.type === 'boolean') return [true, false];
  return shape.enum ?? ('const' in shape ? [shape.const] : undefined);
}

/**
 * What a form shows for a schema: `kind` is text, number, switch, choice, choices, list, map, object, variants
 * or json; the rest depends on it.
 */
export function describe(schema, document) {
  const resolved = resolve(schema, document);
  const all = shapes(schema, document);
  const [shape] = all;
  if (all.length === 1 && shape.type === 'boolean' && typeof resolved.default === 'boolean') {
    return { kind: 'switch' };
  }
  if (all.length && all.every(listed)) return { kind: 'choice', values: all.flatMap(listed) };
  if (all.length > 1 && all.every((s) => SCALARS.has(s.type))) {
    return { kind: 'text', shape: {}, numeric: all.some((s) => s.type !== 'string') };
  }
  if (all.length > 1) return variants(all);
  if (!shape) return { kind: 'json' };
  if (shape.type === 'integer' || shape.type === 'number') return { kind: 'number', shape };
  if (shape.type === 'string') return { kind: 'text', shape };
  if (shape.type === 'array') {
    const items = shapes(shape.items ?? {}, document);
    const values = resolved['x-choices'] ?? (items.length === 1 ? items[0].enum : undefined);
    return values ? { kind: 'choices', values } : { kind: 'list', items: shape.items ?? {} };
  }
  if (shape.properties) return { kind: 'object', shape };
  if (shape.type === 'object') return { kind: 'map', values: shape.additionalProperties };
  return { kind: 'json' };
}

/** Texts and numbers are one variant, since a field of text takes both; values of which there are few are one. */
function variants(all) {
  const free = all.filter((shape) => SCALARS.has(shape.type) && !listed(shape));
  const few = all.filter(listed);
  const rest = all.filter((shape) => !free.includes(shape) && !few.includes(shape));
  const together = [free, few].filter((some) => some.length).map((some) => ({ anyOf: some }));
  return { kind: 'variants', variants: [...together, ...rest] };
}

/** Whether a value has one of the shapes of a schema, as far as a form has to know. */
export function fits(schema, document, value) {
  const type = Array.isArray(value) ? 'array' : typeof value;
  return shapes(schema, document).some((shape) => {
    const values = listed(shape);
    if (values) return values.includes(value);
    return shape.type === type || (shape.type === 'integer' && type === 'number');
  });
}

/** The name of a shape among several. */
export function shapeName(schema, document) {
  const kind = describe(schema, document).kind;
  const names = {
    text: 'One value',
    number: 'One value',
    choice: 'Choice',
    list: 'List',
    choices: 'List',
    map: 'Named values',
  };
  return names[kind] ?? resolve(schema, document).title ?? 'Fields';
}

/** Whether a label is tied to one control; others are a group with a name. */
export function isSimple(schema, document) {
  return ['text', 'number', 'switch', 'choice', 'json'].includes(describe(schema, document).kind);
}

export function isSame(a, b) {
  return JSON.stringify(a) === JSON.stringify(b);
}
