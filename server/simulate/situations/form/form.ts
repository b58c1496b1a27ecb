/** What a place of a situation file may hold. */
export type Form =
  | { readonly kind: 'text' | 'flag' | 'count' | 'stated' }
  | { readonly kind: 'choice'; readonly of: readonly string[] }
  | { readonly kind: 'list' | 'record'; readonly of: Form }
  | { readonly kind: 'either'; readonly of: readonly Form[] }
  | { readonly kind: 'object'; readonly fields: Readonly<Record<string, FieldForm>> };

/** A member of an object. */
export interface FieldForm {
  readonly form: Form;
  /** One sentence for the schema. */
  readonly about: string;
  readonly required?: true;
}

/** Something wrong with a file, at a JSON pointer. */
export interface FormProblem {
  readonly path: string;
  readonly reason: string;
  /** Names that could have been meant. */
  readonly known: readonly string[];
}

/** Checks a value against its form and gives it with hexadecimal counts as numbers. */
export function readForm(
  value: unknown,
  form: Form,
  path: string,
  problems: FormProblem[],
): unknown {
  const wrong = (reason: string): unknown => {
    problems.push({ path, reason, known: [] });
    return undefined;
  };
  switch (form.kind) {
    case 'text':
      return typeof value === 'string' ? value : wrong('has to be text');
    case 'flag':
      return typeof value === 'boolean' ? value : wrong('has to be true or false');
    case 'count':
      return countOf(value) ?? wrong('has to be a whole number, or text such as "0x1000"');
    case 'stated':
      return isStated(value) ? value : wrong('has to be a number, true or false, or text');
    case 'choice':
      if (typeof value === 'string' && form.of.includes(value)) return value;
      return wrong(`has to be ${form.of.join(', ').replace(/, ([^,]*)$/, ' or $1')}`);
    case 'list':
      if (!Array.isArray(value)) return wrong('has to be a list');
      return value.map((item, i) => readForm(item, form.of, `${path}/${i}`, problems));
    case 'record':
      if (!isObject(value)) return wrong('has to be an object');
      return mapMembers(value, (inner, key) =>
        readForm(inner, form.of, `${path}/${key}`, problems),
      );
    case 'either':
      return readEither(value, form.of, path, problems);
    case 'object':
      if (!isObject(value)) return wrong('has to be an object');
      return readObject(value, form.fields, path, problems);
  }
}

function readEither(
  value: unknown,
  forms: readonly Form[],
  path: string,
  problems: FormProblem[],
): unknown {
  let last: FormProblem[] = [];
  for (const form of forms) {
    last = [];
    const read = readForm(value, form, path, last);
    if (last.length === 0) return read;
  }
  problems.push(...last);
  return undefined;
}

function readObject(
  value: Readonly<Record<string, unknown>>,
  fields: Readonly<Record<string, FieldForm>>,
  path: string,
  problems: FormProblem[],
): unknown {
  for (const [name, { required }] of Object.entries(fields)) {
    if (required === true && value[name] === undefined) {
      problems.push({ path, reason: `"${name}" is missing`, known: [] });
    }
  }
  return mapMembers(value, (inner, name) => {
    const field = fields[name];
    if (field !== undefined) return readForm(inner, field.form, `${path}/${name}`, problems);
    const known = Object.keys(fields);
    problems.push({ path: `${path}/${name}`, reason: `there is no "${name}" here`, known });
    return undefined;
  });
}

function mapMembers(
  value: Readonly<Record<string, unknown>>,
  change: (value: unknown, key: string) => unknown,
): Record<string, unknown> {
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, change(inner, key)]));
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function countOf(value: unknown): number | undefined {
  const number = typeof value === 'string' && HEXADECIMAL.test(value) ? Number(value) : value;
  return Number.isSafeInteger(number) && (number as number) >= 0 ? (number as number) : undefined;
}

function isStated(value: unknown): boolean {
  return typeof value === 'boolean' || typeof value === 'string' || Number.isSafeInteger(value);
}

const HEXADECIMAL = /^0x[0-9a-f]+$/i;

/** A form as JSON schema. */
export function schemaOf(form: Form): object {
  switch (form.kind) {
    case 'text':
      return { type: 'string' };
    case 'flag':
      return { type: 'boolean' };
    case 'count':
      return {
        anyOf: [
          { type: 'integer', minimum: 0 },
          { type: 'string', pattern: '^0x[0-9a-fA-F]+$' },
        ],
      };
    case 'stated':
      return { type: ['integer', 'boolean', 'string'] };
    case 'choice':
      return { enum: form.of };
    case 'list':
      return { type: 'array', items: schemaOf(form.of) };
    case 'record':
      return { type: 'object', additionalProperties: schemaOf(form.of) };
    case 'either':
      return { anyOf: form.of.map((one) => schemaOf(one)) };
    case 'object': {
      const fields = Object.entries(form.fields);
      const required = fields.filter(([, field]) => field.required === true).map(([name]) => name);
      return {
        type: 'object',
        ...(required.length === 0 ? {} : { required }),
        additionalProperties: false,
        properties: Object.fromEntries(
          fields.map(([name, field]) => [
            name,
            { ...schemaOf(field.form), description: field.about },
          ]),
        ),
      };
    }
  }
}
