/**
 * What a name of the kernel stands for.
 * `field`: a mask, or one bit. `bit`: the number of a bit. `value`: a code that a field can hold. `number`: a plain constant.
 * `accessor`: a function or macro that reads or writes bits. `member`: part of a struct member. `mask`: bits that are not together.
 */
export type FieldKind = 'field' | 'bit' | 'value' | 'number' | 'accessor' | 'member' | 'mask';

/** One name of the kernel with its bits and what they mean. Values are those of 7.3-rc7; a tree's own definition goes before. */
export interface FieldEntry {
  /** As the code writes it; for members `struct.member`, and a third part where several fields share one member. */
  readonly name: string;
  readonly kind: FieldKind;
  /** Header that defines it, relative to the tree. */
  readonly path: string;
  /** Which word of the entry, counted from 0; undefined where the entry has one, or where it is not a field of an entry. */
  readonly word: number | undefined;
  /** Highest and lowest bit inside the word; undefined for plain numbers. */
  readonly high: number | undefined;
  readonly low: number | undefined;
  /** What the name evaluates to, where it is not the mask of its bits. */
  readonly value: bigint | undefined;
  /** For a code: the field that holds it. */
  readonly of: string | undefined;
  /** What it means, one clause in our words; undefined where nobody has written it yet: nothing is made up. */
  readonly text: string | undefined;
  /** First release that has it, for interfaces of user space: one of 6.12, 7.2 and 7.3 compared, or the exact release. */
  readonly since: string | undefined;
}

/** The fields of one kind of entry, register or interface. One file each; a new name is one line there. */
export interface FieldFamily {
  readonly format: string;
  readonly title: string;
  /** Header that defines most of them. */
  readonly path: string;
  /** What an entry of several words is called: `STE`. */
  readonly noun?: string;
  /** Bits of a word. Default: 64. */
  readonly wordBits?: 32 | 64;
  /** What names begin with that a diagram leaves out, longest first. */
  readonly prefixes?: readonly string[];
  readonly setBy?: string;
  readonly readBy?: string;
  /** What the model makes of the entry; undefined where it knows none. */
  readonly model?: string;
  /** The names that the model looks at; undefined where it looks at all. */
  readonly modelled?: readonly string[];
  /** Specification. */
  readonly source?: string;
  readonly entries: readonly FieldEntry[];
}

/** An entry before its family gives it a path. */
type Draft = Omit<FieldEntry, 'path'> & { readonly path?: string };

/** Fields of one kind of entry. */
export function family(about: Omit<FieldFamily, 'entries'>, drafts: readonly Draft[]): FieldFamily {
  return { ...about, entries: drafts.map((draft) => ({ path: about.path, ...draft })) };
}

/** Entries that another header defines. */
export function fromFile(path: string, drafts: readonly Draft[]): readonly Draft[] {
  return drafts.map((draft) => ({ ...draft, path }));
}

/** Fields of one word of an entry with several. */
export function inWord(word: number, drafts: readonly Draft[]): readonly Draft[] {
  return drafts.map((draft) => ({ ...draft, word }));
}

/** A mask: `bits` is `11:9` or `60`. */
export function field(name: string, bits: string, text?: string, since?: string): Draft {
  return draft('field', name, { bits, text, since });
}

/** A name whose value is the number of a bit. Numbers from 64 on count through the words of the entry. */
export function bit(name: string, number: number, text?: string, since?: string): Draft {
  return draft('bit', name, { bits: `${number % 64}`, value: number, text, since });
}

/** A code of a field. `value` is as the name evaluates: shifted into place where the kernel writes it so. */
export function value(
  name: string,
  code: number | string | undefined,
  bits: string | undefined,
  of: string | undefined,
  text?: string,
  since?: string,
): Draft {
  return draft('value', name, { bits, value: code, of, text, since });
}

/** A plain constant; without a number where the configuration or the machine decides it. */
export function number(
  name: string,
  constant: number | string | undefined,
  text?: string,
  since?: string,
): Draft {
  return draft('number', name, { value: constant, text, since });
}

/** A function or macro that reads or writes the bits. */
export function accessor(name: string, bits: string | undefined, text?: string): Draft {
  return draft('accessor', name, { bits, text });
}

/** Bits of a struct member: `struct.member`, or `struct.member.FIELD` where the C code gives the parts no names. */
export function member(name: string, bits: string, text?: string): Draft {
  return draft('member', name, { bits, text });
}

/** Bits that are not together. */
export function mask(name: string, constant: number | string, text?: string): Draft {
  return draft('mask', name, { value: constant, text });
}

interface Parts {
  readonly bits?: string | undefined;
  readonly value?: number | string | undefined;
  readonly of?: string | undefined;
  readonly text?: string | undefined;
  readonly since?: string | undefined;
}

function draft(kind: FieldKind, name: string, { bits, value: constant, ...parts }: Parts): Draft {
  const [high, low = high] = (bits ?? '').split(':').map(Number);
  return {
    name,
    kind,
    word: undefined,
    high: bits === undefined ? undefined : high,
    low: bits === undefined ? undefined : low,
    value: constant === undefined ? undefined : BigInt(constant),
    of: parts.of,
    text: parts.text,
    since: parts.since,
  };
}
