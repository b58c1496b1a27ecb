import type { NotLookedAt } from './change.ts';

const byExtension: Readonly<Record<string, string>> = {
  rs: 'Rust',
  dts: 'device tree',
  dtsi: 'device tree',
  dtso: 'device tree',
  S: 'assembly',
  s: 'assembly',
  asm: 'assembly',
  rst: 'documentation',
  txt: 'documentation',
  md: 'documentation',
  yaml: 'binding or YAML',
  yml: 'binding or YAML',
  py: 'script',
  sh: 'script',
  pl: 'script',
  awk: 'script',
  cocci: 'semantic patch',
  json: 'JSON',
};

/** What iovet does not read, by the name of the file; undefined for C and headers. */
export function otherKind(path: string): string | undefined {
  const name = path.slice(path.lastIndexOf('/') + 1);
  if (/\.[ch]$/.test(name)) return undefined;
  if (/^Kconfig/.test(name)) return 'Kconfig';
  if (/^(?:Makefile|Kbuild)/.test(name) || name.endsWith('.mk')) return 'make';
  if (name === 'MAINTAINERS') return 'documentation';
  return byExtension[name.slice(name.lastIndexOf('.') + 1)] ?? 'other';
}

/** Collects paths by kind; each path once. */
export function groupedByKind(paths: Iterable<string>): NotLookedAt[] {
  const groups = new Map<string, string[]>();
  for (const path of new Set(paths)) {
    const kind = otherKind(path);
    if (kind === undefined) continue;
    const group = groups.get(kind);
    if (group === undefined) groups.set(kind, [path]);
    else group.push(path);
  }
  return [...groups].map(([kind, found]) => ({ kind, paths: found }));
}
