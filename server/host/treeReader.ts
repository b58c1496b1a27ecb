import type { Host } from './host.ts';

/**
 * Reads files below a folder by checked relative paths. A path that leads over a symbolic link is not followed: where a
 * link of the tree points to is not the tree's.
 */
export function treeReader(host: Host, folder: string): (path: string) => string | undefined {
  const links = new Map<string, ReadonlySet<string>>();
  const linksIn = (at: string): ReadonlySet<string> => {
    let names = links.get(at);
    if (names === undefined) {
      const entries = host.list(at) ?? [];
      names = new Set(entries.filter(({ kind }) => kind === 'link').map(({ name }) => name));
      links.set(at, names);
    }
    return names;
  };
  return (path) => {
    let at = folder;
    for (const part of path.split('/')) {
      if (part === '' || part === '.' || part === '..' || linksIn(at).has(part)) return undefined;
      at = `${at}/${part}`;
    }
    const read = host.readText(at);
    return read.ok ? read.text : undefined;
  };
}
