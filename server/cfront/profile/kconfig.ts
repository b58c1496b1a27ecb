import type { SourceProvider } from '../preprocess/sources.ts';
import { folderOf } from '../preprocess/sources.ts';
import type { Assumption, ConfigurationProfile } from './profile.ts';

/** A value that Kconfig leaves to whoever configures: nothing says that it is this one. */
export interface OptionValue extends Assumption {
  readonly isInvented: boolean;
}

/** What Kconfig files say of an option that has a number: the parts of all of its blocks. */
interface NumberOption {
  /** `default VALUE [if CONDITION]`, in order. */
  readonly defaults: readonly { readonly value: string; readonly condition: string | undefined }[];
  /** Lowest value of the first `range`. */
  readonly lowest: string | undefined;
}

const NUMBER = /^(?:0[xX][0-9a-fA-F]+|-?\d+)$/;
/** Where options stand that are not of a driver's folder. */
const COMMON_FILES = ['init/Kconfig', 'mm/Kconfig', 'kernel/Kconfig.hz', 'lib/Kconfig', 'Kconfig'];

/**
 * Values of options that a profile does not know, from the Kconfig files of the tree: those of the folder of a C
 * file and the folders above it, of the architecture, and a few common ones. Read when an option is asked for.
 */
export class KconfigValues {
  private readonly provider: SourceProvider;
  private readonly profile: ConfigurationProfile;
  private readonly files: readonly string[];
  private readonly known = new Map<string, OptionValue | undefined>();

  constructor(provider: SourceProvider, path: string, profile: ConfigurationProfile) {
    this.provider = provider;
    this.profile = profile;
    this.files = [
      ...foldersAbove(path).map((folder) => `${folder}/Kconfig`),
      `arch/${profile.architecture}/Kconfig`,
      ...COMMON_FILES,
    ];
  }

  /** The value of a number option, by its name without `CONFIG_`; undefined where no file read here has it. */
  valueOf(name: string): OptionValue | undefined {
    if (!this.known.has(name)) this.known.set(name, this.find(name));
    return this.known.get(name);
  }

  /** The options that were asked for and that nobody gives a value. */
  get invented(): readonly OptionValue[] {
    return [...this.known.values()].flatMap((value) => (value?.isInvented === true ? [value] : []));
  }

  private find(name: string): OptionValue | undefined {
    for (const file of this.files) {
      const text = this.provider.read(file);
      const option = text === undefined ? undefined : numberOption(text, name);
      if (option === undefined) continue;
      const said = option.defaults.find(({ condition }) => this.isMet(condition));
      if (said !== undefined) {
        return { name, value: said.value, why: `default in ${file}`, isInvented: false };
      }
      const [first] = option.defaults;
      const value = first?.value ?? option.lowest ?? '1';
      return { name, value, why: inventedBecause(file, option), isInvented: true };
    }
    return undefined;
  }

  /** Conditions of one option are looked up in the profile; what is longer is not known to hold. */
  private isMet(condition: string | undefined): boolean {
    if (condition === undefined) return true;
    const single = /^(!?)(\w+)$/.exec(condition);
    return single !== null && this.profile.options.includes(single[2]!) === (single[1] === '');
  }
}

function inventedBecause(file: string, { defaults, lowest }: NumberOption): string {
  if (defaults.length > 0) return `first of the conditional defaults in ${file}`;
  return lowest === undefined ? `${file} gives no default` : `lowest of its range in ${file}`;
}

function foldersAbove(path: string): string[] {
  const folders: string[] = [];
  for (let at = folderOf(path); at !== ''; at = folderOf(at)) folders.push(at);
  return folders;
}

/** The blocks of an `int` or `hex` option in a Kconfig file; undefined where it has none, or is of another type. */
function numberOption(text: string, name: string): NumberOption | undefined {
  const defaults: { readonly value: string; readonly condition: string | undefined }[] = [];
  let lowest: string | undefined;
  let isNumber = false;
  let isInside = false;
  for (const line of text.split('\n')) {
    // Attributes are indented; whatever begins a line ends the block before it. Help texts name no attributes.
    if (/^\w/.test(line)) isInside = new RegExp(`^(?:menu)?config\\s+${name}\\s*$`).test(line);
    if (!isInside) continue;
    if (/^\s+(?:int|hex)\b/.test(line)) isNumber = true;
    const value = /^\s+default\s+(\S+)(?:\s+if\s+(.+?))?\s*$/.exec(line);
    if (value !== null && NUMBER.test(value[1]!)) {
      defaults.push({ value: value[1]!, condition: value[2] });
    }
    lowest ??= /^\s+range\s+(\S+)\s/.exec(line)?.[1];
  }
  if (!isNumber) return undefined;
  return { defaults, lowest: lowest !== undefined && NUMBER.test(lowest) ? lowest : undefined };
}
