import type { Severity } from '../checkers/finding.ts';

/** Which findings of a file under git are shown in full. */
export type Show = 'changed' | 'all';

/** The settings `iovet.*`, checked and with their defaults filled in. */
export interface Settings {
  readonly show: Show;
  /** Kernel tree; empty: found above the file. */
  readonly kernelTree: string;
  /** Version of the contracts; empty: from the tree, else the newest. */
  readonly kernelVersion: string;
  /** Rules switched by id; a severity switches on and replaces the rule's own. */
  readonly rules: Readonly<Record<string, 'off' | 'on' | Severity>>;
  /** Lowest severity shown. */
  readonly severity: Severity;
  /** Also show findings of low confidence, and run rules whose precision is not proved yet. */
  readonly preview: boolean;
  /** Remarks inside the code. */
  readonly inlayHints: InlayHintSettings;
  /** Commands above lines of the text. */
  readonly codeLens: CodeLensSettings;
  /** What simulations use. */
  readonly simulate: SimulateSettings;
}

/** Commands above lines of the text, beyond those in patches. */
export interface CodeLensSettings {
  /** Above each function of a C file. */
  readonly functions: boolean;
}

/** Which remarks stand inside the code. */
export interface InlayHintSettings {
  /** Where an address comes from. */
  readonly provenance: boolean;
  /** Whether a call is in atomic context. */
  readonly context: boolean;
}

/** What simulations use. */
export interface SimulateSettings {
  /** Files with own situations; relative ones are below the tree. Not read in workspaces that are not trusted. */
  readonly situations: readonly string[];
}

/** The settings of someone who set nothing. */
export const defaultSettings: Settings = {
  show: 'changed',
  kernelTree: '',
  kernelVersion: '',
  rules: {},
  severity: 'warning',
  preview: false,
  inlayHints: { provenance: false, context: false },
  codeLens: { functions: false },
  simulate: { situations: [] },
};

/**
 * Reads the section `iovet` as a client sent it.
 * A value that cannot be used is replaced by its default and named in `problems`, so that a typing error never stops the server.
 */
export function parseSettings(raw: unknown): {
  readonly value: Settings;
  readonly problems: readonly string[];
} {
  const problems: string[] = [];
  const section = isRecord(raw) ? flattened(raw) : {};
  const read = <T>(key: string, fallback: T, wanted: string, accept: (v: unknown) => v is T): T => {
    const given = section[key];
    if (given === undefined || given === null) return fallback;
    if (accept(given)) return given;
    problems.push(`iovet.${key}: ${JSON.stringify(given)} is not ${wanted}`);
    return fallback;
  };
  const value: Settings = {
    show: read('show', defaultSettings.show, '"changed" or "all"', oneOf('changed', 'all')),
    kernelTree: read('kernelTree', '', 'a folder', isString),
    kernelVersion: read('kernelVersion', '', 'a version such as 6.12', isVersion),
    rules: readRules(section['rules'], problems),
    severity: read('severity', defaultSettings.severity, severityWords, isSeverity),
    preview: read('preview', false, 'true or false', isBoolean),
    inlayHints: {
      provenance: read('inlayHints.provenance', false, 'true or false', isBoolean),
      context: read('inlayHints.context', false, 'true or false', isBoolean),
    },
    codeLens: { functions: read('codeLens.functions', false, 'true or false', isBoolean) },
    simulate: { situations: read('simulate.situations', [], 'a list of files', isTexts) },
  };
  return { value, problems };
}

/** Settings with a dot in their names; clients send them so, or as objects. */
const groups = ['inlayHints', 'codeLens', 'simulate'];

function flattened(raw: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  const flat: Record<string, unknown> = { ...raw };
  for (const group of groups) {
    const inner = raw[group];
    if (!isRecord(inner)) continue;
    for (const [key, value] of Object.entries(inner)) flat[`${group}.${key}`] = value;
  }
  return flat;
}

const severityWords = '"error", "warning" or "info"';

function readRules(raw: unknown, problems: string[]): Settings['rules'] {
  const rules: Record<string, 'off' | 'on' | Severity> = {};
  if (raw === undefined || raw === null) return rules;
  if (!isRecord(raw)) {
    problems.push('iovet.rules: not an object of rule ids');
    return rules;
  }
  for (const [id, value] of Object.entries(raw)) {
    if (value === 'off' || value === 'on' || isSeverity(value)) rules[id] = value;
    else problems.push(`iovet.rules: ${id} is not "off", "on", ${severityWords}`);
  }
  return rules;
}

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const isString = (value: unknown): value is string => typeof value === 'string';
const isTexts = (value: unknown): value is readonly string[] =>
  Array.isArray(value) && value.every(isString);
const isBoolean = (value: unknown): value is boolean => typeof value === 'boolean';
const isVersion = (value: unknown): value is string =>
  isString(value) && (value === '' || /^\d+\.\d+(-\w+)?$/.test(value));
const oneOf =
  <const T extends string>(...words: readonly T[]) =>
  (value: unknown): value is T =>
    words.some((word) => word === value);
const isSeverity = oneOf('error', 'warning', 'info');
