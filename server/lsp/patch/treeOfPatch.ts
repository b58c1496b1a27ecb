import type { Host } from '../../host/host.ts';
import { findKernelTree } from '../../host/kernelTree.ts';
import type { FilePatch, PatchSeries } from '../../patch/patch.ts';
import { pathOfUri } from '../places.ts';
import { originOf } from './origin.ts';

/** Where a patch may belong. */
export interface PatchSurroundings {
  readonly host: Host;
  /** The tree that is set; empty: none. */
  readonly kernelTree: string;
  /** Folders of the workspace. */
  readonly folders: readonly string[];
}

/**
 * The folder that a patch applies to. Commits belong to their repository; for all others it is the kernel tree that is
 * set, else the one around the patch, else the first of the workspace that has one of its files; without a kernel tree,
 * a folder of the workspace or around the patch that has all of them. Undefined without any.
 */
export function treeOfPatch(
  uri: string,
  series: PatchSeries,
  { host, kernelTree, folders }: PatchSurroundings,
): string | undefined {
  const origin = originOf(uri);
  // Git names files from the top of the repository, wherever that lies.
  if (origin.folder !== undefined && origin.base !== undefined) return origin.folder;
  if (kernelTree !== '') return kernelTree;
  const around = origin.folder ?? pathOfUri(uri);
  const places = [...(around === undefined ? [] : [around]), ...folders];
  const names = series.patches
    .flatMap(({ files }) => files.flatMap(({ oldPath }) => oldPath ?? []))
    .filter((name) => !name.split('/').includes('..'));
  const has = (folder: string) => (name: string) => host.kind(`${folder}/${name}`) === 'file';
  const trees = places.flatMap((path) => findKernelTree(host, path) ?? []);
  const found = trees.find((tree) => names.some(has(tree))) ?? trees[0];
  if (found !== undefined || names.length === 0) return found;
  // Files that the series itself creates are in no folder yet.
  const made = new Set(series.patches.flatMap(({ files }) => files.flatMap(createdBy)));
  const old = names.filter((name) => !made.has(name));
  return places.flatMap(foldersUp).find((folder) => old.length > 0 && old.every(has(folder)));
}

const createdBy = ({ oldPath, newPath }: FilePatch): string[] =>
  newPath !== undefined && newPath !== oldPath ? [newPath] : [];

/** A path and the folders above it, at most as many as a tree is deep. */
function foldersUp(path: string): string[] {
  const folders = [path];
  for (let slash = path.lastIndexOf('/'); slash > 0; slash = path.lastIndexOf('/', slash - 1)) {
    folders.push(path.slice(0, slash));
  }
  return folders.slice(0, 12);
}
