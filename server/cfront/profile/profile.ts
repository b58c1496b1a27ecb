/** Architectures whose headers the front end can read. */
export type Architecture = 'x86' | 'arm64' | 'riscv';

/** One assumed value, with the reason it is not simply read from the tree. */
export interface Assumption {
  readonly name: string;
  readonly value: string;
  /** Why this value, or where a build would have taken it from. */
  readonly why: string;
}

/**
 * The configuration a unit is read under when there is no build: which options are on, and the few
 * constants that a build would have generated. Everything in it is an assumption that a result names.
 */
export interface ConfigurationProfile {
  /** Name shown to people: `x86-64`, `arm64`, `riscv`. */
  readonly name: string;
  readonly architecture: Architecture;
  /** Options that are y, without the `CONFIG_` prefix. */
  readonly options: readonly string[];
  /** Options that have a value. */
  readonly values: readonly Assumption[];
  /** What the compiler itself defines. */
  readonly compiler: ReadonlyMap<string, string>;
  /** Constants of generated headers (bounds.h, asm-offsets.h and the like). */
  readonly generated: readonly Assumption[];
}

/** What the name of an option begins with in C. */
export const OPTION_PREFIX = 'CONFIG_';

/** Include folders that kbuild passes for an architecture, in order. */
export function kbuildIncludeFolders(architecture: Architecture): readonly string[] {
  return [
    `arch/${architecture}/include`,
    `arch/${architecture}/include/generated`,
    'include',
    `arch/${architecture}/include/uapi`,
    `arch/${architecture}/include/generated/uapi`,
    'include/uapi',
    'include/generated/uapi',
  ];
}

/** Every `#define` a profile makes, in the order of precedence: later ones win. */
export function profileDefines(
  profile: ConfigurationProfile,
  overrides: ReadonlyMap<string, string>,
): Map<string, string> {
  const defines = new Map(profile.compiler);
  for (const { name, value } of profile.generated) defines.set(name, value);
  for (const option of profile.options) defines.set(`${OPTION_PREFIX}${option}`, '1');
  for (const { name, value } of profile.values) defines.set(`${OPTION_PREFIX}${name}`, value);
  for (const [name, value] of overrides) {
    if (value === 'n') defines.delete(`${OPTION_PREFIX}${name}`);
    else defines.set(`${OPTION_PREFIX}${name}`, value);
  }
  return defines;
}
