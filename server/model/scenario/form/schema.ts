import { INVARIANTS } from '../../check/violation.ts';
import { STEP_FORMS, type ValueKind } from './stepForms.ts';
import { describeKind } from './values.ts';

/** The JSON schema of scenarios, made from the forms of the steps. For docs and editors. */
export function scenarioSchema(): object {
  const text = { type: 'string' };
  return {
    $schema: 'http://json-schema.org/draft-07/schema#',
    title: 'iovet scenario',
    type: 'object',
    required: ['id', 'title', 'source', 'steps'],
    additionalProperties: false,
    properties: {
      $schema: text,
      id: { ...text, description: 'Name of the scenario.' },
      title: { ...text, description: 'What it is about, in one line.' },
      source: { ...text, description: 'Where it comes from.' },
      about: { ...text, description: 'What it shows.' },
      machine: {
        type: 'object',
        additionalProperties: false,
        properties: {
          cbit: {
            type: 'integer',
            minimum: 32,
            maximum: 51,
            description: 'Position of the SME C-bit.',
          },
          walks: { enum: ['coherent', 'incoherent'] },
          bbml: {
            type: 'object',
            additionalProperties: { type: 'integer', minimum: 0, maximum: 3 },
          },
          knobs: { type: 'object', additionalProperties: { enum: ['yes', 'no', 'unknown'] } },
          atc: { enum: ['after-sync', 'queue-order'] },
        },
      },
      steps: {
        type: 'array',
        items: { oneOf: Object.entries(STEP_FORMS).map(([name, form]) => stepSchema(name, form)) },
      },
      violations: {
        type: 'array',
        items: { enum: Object.keys(INVARIANTS) },
        description: 'Invariants that break during the run.',
      },
    },
  };
}

function stepSchema(name: string, form: (typeof STEP_FORMS)[string]): object {
  const fields = Object.entries(form.fields);
  return {
    type: 'object',
    description: form.about,
    required: ['do', ...fields.filter(([, field]) => !field.optional).map(([field]) => field)],
    additionalProperties: false,
    properties: {
      do: { const: name },
      why: { type: 'string', description: 'A remark for readers.' },
      expect: {
        description: 'What the step is to give.',
        oneOf: [{ type: 'string' }, { type: 'array', items: { type: 'string' } }],
      },
      ...Object.fromEntries(
        fields.map(([field, { kind, about }]) => [
          field,
          { ...valueSchema(kind), description: about },
        ]),
      ),
    },
  };
}

function valueSchema(kind: ValueKind): object {
  if (typeof kind === 'object') {
    return 'oneOf' in kind ? { enum: kind.oneOf } : { type: 'string', title: describeKind(kind) };
  }
  switch (kind) {
    case 'flag':
      return { type: 'boolean' };
    case 'count':
      return { type: 'integer', minimum: 0 };
    default:
      return { type: 'string', title: describeKind(kind) };
  }
}
