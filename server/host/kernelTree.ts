import type { Host } from './host.ts';

/** True for the top folder of a Linux tree: a Makefile that sets VERSION, Kbuild and include/linux. */
export function isKernelTree(host: Host, folder: string): boolean {
  if (host.kind(`${folder}/Kbuild`) !== 'file') return false;
  if (host.kind(`${folder}/include/linux`) !== 'folder') return false;
  const makefile = host.readText(`${folder}/Makefile`);
  return makefile.ok && /^VERSION\s*=/m.test(makefile.text);
}

/** The nearest kernel tree that contains an absolute path, or is it; undefined outside of one. */
export function findKernelTree(host: Host, path: string): string | undefined {
  let folder = path.replace(/(?!^)\/+$/, '');
  for (;;) {
    if (isKernelTree(host, folder)) return folder;
    const slash = folder.lastIndexOf('/');
    if (slash < 0 || folder === '/') return undefined;
    folder = slash === 0 ? '/' : folder.slice(0, slash);
  }
}
