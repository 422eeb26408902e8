// Chooses the control of a schema.

import * as fields from './fields.js';
import { listField, mapField } from './lists.js';
import { optionalObject, variantsField } from './objects.js';
import { describe, resolve } from './schema.js';

/**
 * The control of any schema. `context`: `document` (OpenAPI), `name`, `path`, `labelling` (attributes that tie the
 * control to its label), `choices(endpoint, use)` and `emit(value)`.
 */
export function control(schema, given) {
  const context = { ...given, control };
  const resolved = resolve(schema, context.document);
  const description = describe(schema, context.document);
  switch (description.kind) {
    case 'text':
      if (resolved['x-choices-from']) return fields.pickerField(description, resolved, context);
      if (resolved['x-widget'] === 'color') return fields.colorField(description, resolved, context);
      return fields.textField(description, resolved, context);
    case 'number':
      return fields.numberField(description, resolved, context);
    case 'switch':
      return fields.switchField(resolved, context);
    case 'choice':
      return fields.choiceField(description, resolved, context);
    case 'choices':
      return fields.choicesField(description, context);
    case 'list':
      return listField(description.items, context);
    case 'map':
      return mapField(description.values, context);
    case 'object':
      return optionalObject(description.shape, context);
    case 'variants':
      return variantsField(description.variants, context);
    default:
      return fields.jsonField(context);
  }
}
