/**
 * Headers that a build makes from register descriptions in XML (drivers/gpu/drm/msm/registers): offsets,
 * masks, shifts and enumerations. The names and values are those that gen_header.py of the tree gives;
 * what only C++ users need is left out.
 */

interface Field {
  readonly name: string | undefined;
  readonly low: number;
  readonly high: number;
  readonly shift: number;
  readonly type: string | undefined;
}

interface Bitset {
  readonly name: string;
  readonly inline: boolean;
  readonly fields: Field[];
}

interface RegisterArray {
  readonly name: string;
  readonly prefix: string;
  readonly offset: number;
  readonly stride: number;
  readonly length: number;
  readonly indexType: string;
  /** Offsets listed one by one; they may be expressions of the C around them. */
  readonly offsets: readonly string[] | undefined;
  readonly localName: string;
  readonly parent: RegisterArray | undefined;
  registers: number;
}

type Attributes = Readonly<Record<string, string>>;

/** Gives the text of an XML file that another one imports. */
export type ReadImport = (file: string) => string | undefined;

/** The C header for a register description. */
export function registerHeader(xml: string, readImport: ReadImport): string {
  const database = new Database(readImport);
  database.read(xml, 'described');
  return database.text();
}

/** Types of fields that are plain numbers to C. */
const C_TYPES: Readonly<Record<string, string>> = {
  ...{ uint: 'unsigned int', hex: 'unsigned int', a3xx_regid: 'unsigned int', int: 'int' },
  ...{ fixed: 'float', ufixed: 'float', float: 'float' },
  ...{ address: 'unsigned long long', waddress: 'unsigned long long' },
};

class Database {
  private readonly readImport: ReadImport;
  private readonly bitsets = new Map<string, Bitset>();
  private readonly imported = new Set<string>();
  private readonly enums: string[] = [];
  private readonly sharedBitsets: string[] = [];
  private readonly registers: string[] = [];
  private domain = '';
  private prefix: string | undefined;
  private byVariant = false;
  private stripe: string | undefined;
  private array: RegisterArray | undefined;
  private bitset: Bitset | undefined;
  private register: { readonly name: string; readonly bits: number } | undefined;
  private enumeration: { readonly name: string; readonly values: string[] } | undefined;

  constructor(readImport: ReadImport) {
    this.readImport = readImport;
  }

  text(): string {
    return [...this.enums, ...this.sharedBitsets, ...this.registers].join('\n') + '\n';
  }

  /** Reads one file; of an imported one only what the others refer to is kept. */
  read(xml: string, role: 'described' | 'imported'): void {
    const plain = xml.replace(/<!--[\s\S]*?-->/g, '');
    for (const [, close, tag, rest, empty] of plain.matchAll(
      /<(\/?)(\w+)((?:[^"<>]|"[^"]*")*?)(\/?)>/g,
    )) {
      if (close === '/') this.end(tag!, role);
      else {
        this.start(tag!, attributesOf(rest!), role);
        if (empty === '/') this.end(tag!, role);
      }
    }
  }

  private start(tag: string, attributes: Attributes, role: 'described' | 'imported'): void {
    switch (tag) {
      case 'import':
        this.import(attributes['file'] ?? '');
        break;
      case 'domain':
        this.domain = attributes['name'] ?? '';
        this.byVariant = attributes['prefix'] === 'variant';
        this.prefix = attributes['prefix'] === undefined ? undefined : firstVariant(attributes);
        break;
      case 'stripe':
        this.stripe = firstVariant(attributes);
        break;
      case 'enum':
        this.enumeration = { name: attributes['name'] ?? '', values: [] };
        break;
      case 'value': {
        const value = attributes['value'];
        const name = attributes['name'] ?? '';
        this.enumeration?.values.push(value === undefined ? name : `${name} = ${value}`);
        break;
      }
      case 'bitset':
        this.bitset = {
          name: attributes['name']!,
          inline: attributes['inline'] === 'yes',
          fields: [],
        };
        this.bitsets.set(this.bitset.name, this.bitset);
        break;
      case 'bitfield':
        this.bitset?.fields.push(
          fieldOf(attributes['name'], attributes, this.register?.bits ?? 32),
        );
        break;
      case 'array':
        this.startArray(attributes);
        break;
      case 'reg32':
      case 'reg64':
        this.startRegister(attributes, tag === 'reg64' ? 64 : 32, role);
        break;
      default:
        break;
    }
  }

  private end(tag: string, role: 'described' | 'imported'): void {
    switch (tag) {
      case 'domain':
        this.prefix = undefined;
        this.byVariant = false;
        break;
      case 'stripe':
        this.stripe = undefined;
        break;
      case 'enum':
        if (this.enumeration !== undefined && role === 'described') {
          const { name, values } = this.enumeration;
          this.enums.push(`enum ${name} {\n  ${values.join(',\n  ')}\n};`);
        }
        this.enumeration = undefined;
        break;
      case 'bitset':
        if (this.bitset !== undefined && !this.bitset.inline && role === 'described') {
          this.sharedBitsets.push(...fieldLines(this.bitset.name, this.bitset.fields, 32));
        }
        this.bitset = undefined;
        break;
      case 'reg32':
      case 'reg64':
        this.endRegister(role);
        break;
      case 'array':
        if (this.array?.registers === 0) {
          this.startRegister({ name: 'REG', offset: '0' }, 32, role);
          this.endRegister(role);
        }
        this.array = this.array?.parent;
        break;
      default:
        break;
    }
  }

  private import(file: string): void {
    if (this.imported.has(file)) return;
    this.imported.add(file);
    const text = this.readImport(file);
    if (text !== undefined) this.read(text, 'imported');
  }

  private prefixFor(attributes: Attributes): string {
    const variant = firstVariant(attributes);
    if (this.byVariant && variant !== undefined) return variant;
    const before = this.stripe ?? this.prefix;
    return before === undefined ? this.domain : `${before}_${this.domain}`;
  }

  private startArray(attributes: Attributes): void {
    const parent = this.array;
    const localName = attributes['name'] ?? '';
    const listed = attributes['offsets'] ?? attributes['doffsets'];
    const index = attributes['index'];
    const prefix = this.prefixFor(attributes);
    this.array = {
      name: parent === undefined ? localName : `${parent.name}_${localName}`,
      prefix,
      localName,
      offset: Number(attributes['offset'] ?? 0),
      stride: Number(attributes['stride'] ?? 0),
      length: Number(attributes['length'] ?? 1),
      indexType: index === undefined ? 'unsigned int' : `enum ${index}`,
      offsets: listed?.split(',').map((offset) => `(${offset.trim()})`),
      parent,
      registers: 0,
    };
    const { parameters, sum } = placeOf(this.array);
    if (this.array.offsets !== undefined) this.registers.push(offsetFunction(this.array));
    const names = parameters.map((_, i) => `i${i}`).join(', ');
    const list = parameters.length === 0 ? '' : `(${names})`;
    this.registers.push(`#define REG_${prefix}_${this.array.name}${list} (${sum})`);
  }

  private startRegister(
    attributes: Attributes,
    bits: number,
    role: 'described' | 'imported',
  ): void {
    const { array } = this;
    const own = attributes['name'] ?? '';
    const local = array === undefined ? own : `${array.name}_${own}`;
    const prefix =
      attributes['variants'] === undefined && array !== undefined
        ? array.prefix
        : this.prefixFor(attributes);
    const name = `${prefix}_${local}`;
    if (array !== undefined) array.registers++;
    const place = array === undefined ? { parameters: [], sum: '' } : placeOf(array);
    const parameters = [...place.parameters];
    let sum = [place.sum, attributes['offset'] ?? '0'].filter((part) => part !== '').join(' + ');
    if (attributes['stride'] !== undefined) {
      sum += ` + ${attributes['stride']} * i${parameters.length}`;
      parameters.push('unsigned int');
    }
    if (role === 'described') {
      this.registers.push(
        parameters.length === 0
          ? `#define REG_${name} (${sum})`
          : `static inline unsigned int REG_${name}(${indexed(parameters)}) { return ${sum}; }`,
      );
    }
    const type = attributes['type'];
    const known = type === undefined ? undefined : this.bitsets.get(type);
    const fields = known?.inline === true ? [...known.fields] : [];
    if (type !== undefined && known === undefined)
      fields.push(fieldOf(undefined, attributes, bits));
    this.register = { name, bits };
    this.bitset = { name, inline: known === undefined || known.inline, fields };
  }

  private endRegister(role: 'described' | 'imported'): void {
    if (this.register !== undefined && this.bitset?.inline === true && role === 'described') {
      this.registers.push(
        ...fieldLines(this.register.name, this.bitset.fields, this.register.bits),
      );
    }
    this.register = undefined;
    this.bitset = undefined;
  }
}

function attributesOf(text: string): Attributes {
  return Object.fromEntries(
    [...text.matchAll(/([\w:]+)\s*=\s*"([^"]*)"/g)].map(([, name, value]) => [name, value]),
  ) as Attributes;
}

/** The first of a list of hardware variants; of a range its start. */
function firstVariant(attributes: Attributes): string | undefined {
  return attributes['variants']?.split(',')[0]?.split('-')[0];
}

function fieldOf(name: string | undefined, attributes: Attributes, bits: number): Field {
  const position = attributes['pos'];
  const low = Number(position ?? attributes['low'] ?? 0);
  const high = Number(position ?? attributes['high'] ?? bits - 1);
  return { name, low, high, shift: Number(attributes['shr'] ?? 0), type: attributes['type'] };
}

/** Index parameters of an array and the sum that gives its offset. */
function placeOf(array: RegisterArray): { readonly parameters: string[]; readonly sum: string } {
  const outer = array.parent === undefined ? undefined : placeOf(array.parent);
  const parameters = [...(outer?.parameters ?? [])];
  const parts = outer === undefined ? [] : [outer.sum];
  if (array.offsets === undefined) parts.push(`0x${array.offset.toString(16)}`);
  if (array.length !== 1) {
    const index = `i${parameters.length}`;
    parts.push(
      array.offsets === undefined
        ? `0x${array.stride.toString(16)} * ${index}`
        : `__offset_${array.localName}(${index})`,
    );
    parameters.push(array.indexType);
  }
  return { parameters, sum: parts.length === 0 ? '0' : parts.join(' + ') };
}

function offsetFunction(array: RegisterArray): string {
  const cases = array.offsets!.map((offset, i) => `case ${i}: return ${offset};`);
  const head = `static inline unsigned int __offset_${array.localName}(${array.indexType} index)`;
  return `${head} { switch (index) { ${cases.join(' ')} default: return 0xffffffffU; } }`;
}

function indexed(types: readonly string[]): string {
  return types.map((type, i) => `${type} i${i}`).join(', ');
}

/** Masks, shifts and the function that puts a value in place, for each field. */
function fieldLines(prefix: string, fields: readonly Field[], bits: number): string[] {
  const word = bits === 64 ? 'unsigned long long' : 'unsigned int';
  const suffix = bits === 64 ? 'ULL' : '';
  const halves =
    bits === 64
      ? ['LO', 'HI'].map(
          (half) =>
            `static inline unsigned int ${prefix}_${half}(unsigned int val) { return val; }`,
        )
      : [];
  const lines = fields.flatMap(({ name, low, high, shift, type }) => {
    const whole = name === undefined ? prefix : `${prefix}_${name}`;
    const isNumber = !['float', 'fixed', 'ufixed'].includes(type ?? '');
    if (name === undefined && low === 0 && shift === 0 && isNumber) return [];
    if (type === 'boolean' || (type === undefined && low === high)) {
      return [`#define ${whole} 0x${(1n << BigInt(low)).toString(16)}${suffix}`];
    }
    const mask = ((1n << BigInt(high - low + 1)) - 1n) << BigInt(low);
    const parameter = type === undefined ? 'unsigned int' : (C_TYPES[type] ?? `enum ${type}`);
    const value = shift > 0 ? `(val >> ${shift})` : 'val';
    return [
      `#define ${whole}__MASK 0x${mask.toString(16)}${suffix}`,
      `#define ${whole}__SHIFT ${low}`,
      `static inline ${word} ${whole}(${parameter} val) { return ((${word})${value} << ${low}) & 0x${mask.toString(16)}${suffix}; }`,
    ];
  });
  return [...halves, ...lines];
}
