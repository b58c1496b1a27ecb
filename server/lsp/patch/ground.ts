import type { Host } from '../../host/host.ts';
import { overlayHost } from '../../host/overlayHost.ts';
import { treeReader } from '../../host/treeReader.ts';
import { seriesChange } from '../../patch/applyPatch.ts';
import { pathTakenAway, type ReadTree } from '../../patch/change.ts';
import type { PatchDocument, PatchSeries } from '../../patch/patch.ts';
import type { Files } from '../../review/files.ts';
import { overlayOf } from '../../review/patch/overlay.ts';
import { pathOfUri } from '../places.ts';
import type { OpenDocument } from '../workspace.ts';
import { originOf } from './origin.ts';
import { documentsBefore, predecessorsIn } from './predecessors.ts';

/** Where files come from. */
export interface GroundAround {
  readonly host: Host;
  readonly documents: { all(): readonly OpenDocument[] };
  /** The files of a commit of the repository at a folder; undefined where git may not be started. */
  filesAt(folder: string, commit: string): Files | undefined;
}

/** What a patch document is applied to, as it was when it was asked for. */
export interface Ground {
  /** Reads below the tree. */
  readonly read: ReadTree;
  /** The whole tree. */
  readonly files: Files;
  /** Names of the documents beside this one that were applied first. */
  readonly below: readonly string[];
  /** Files below the tree that those have made or changed; undefined for one that they took away. */
  readonly written: Written;
  /** Whether what `read` has read, and the documents beside this one, are still the same. */
  holds(): boolean;
  /** Whether a file was read through `files`. */
  hasRead(file: string): boolean;
}

/** Texts of files by their path below the tree; undefined for a file that is gone. */
export type Written = ReadonlyMap<string, string | undefined>;

/** The grounds of all documents. */
export interface Grounds {
  of(uri: string, series: PatchSeries, tree: string): Ground;
  /** The files below a tree as the editor shows them. */
  asInEditor(tree: string): ReadTree;
  /** A document is closed: what was read of its commit can go, unless another one stands on it. */
  close(uri: string): void;
}

/** Knows the files on disk, those of the editor, and those of the commits that patches were made from. */
export function createGrounds(around: GroundAround): Grounds {
  // A commit does not change: what it holds is read once.
  const commits = new Map<string, Files>();

  const editorHost = (): Host => {
    const texts = around.documents.all().flatMap((document): [string, string][] => {
      const file = pathOfUri(document.uri);
      return file === undefined ? [] : [[file, document.getText()]];
    });
    return overlayHost(around.host, new Map(texts));
  };
  const asInEditor = (tree: string): ReadTree => treeReader(editorHost(), tree);

  const baseOf = (uri: string): Files | undefined => {
    const { folder, base } = originOf(uri);
    const key = commitKey(uri);
    if (folder === undefined || base === undefined || key === undefined) return undefined;
    const known = commits.get(key) ?? around.filesAt(folder, base);
    if (known !== undefined) commits.set(key, known);
    return known;
  };

  return {
    asInEditor,
    close: (uri) => {
      const key = commitKey(uri);
      const others = around.documents.all().filter((other) => other.uri !== uri);
      if (key !== undefined && !others.some((other) => commitKey(other.uri) === key))
        commits.delete(key);
    },
    of: (uri, series, tree) => {
      const base = baseOf(uri);
      if (base !== undefined) return ofCommit(base, tree);
      const host = editorHost();
      const texts = new Map<string, string | undefined>();
      const read = noting(treeReader(host, tree), texts);
      const documents = documentsBefore(uri, series, host);
      const below = documents === undefined ? undefined : predecessorsIn(documents, series);
      const written: Written = below === undefined ? new Map() : writtenBy(below, read);
      const { files, paths } = notingPaths(host);
      const overlay = overlayOf(files, tree);
      for (const [name, text] of written) overlay.set(name, text);
      return {
        read: (name) => (written.has(name) ? written.get(name) : read(name)),
        files: overlay,
        below: below?.patches.map(({ document }) => document) ?? [],
        written,
        holds: () => {
          const now = editorHost();
          const readNow = treeReader(now, tree);
          return (
            [...texts].every(([name, text]) => readNow(name) === text) &&
            isSame(documents, documentsBefore(uri, series, now))
          );
        },
        hasRead: (file) => paths.has(file),
      };
    },
  };
}

/** Names the commit that a document stands on; undefined for those that stand on the disk. */
function commitKey(uri: string): string | undefined {
  const { folder, base } = originOf(uri);
  return folder === undefined || base === undefined ? undefined : `${base} ${folder}`;
}

/** The ground of patches that git made: nothing of it changes. */
function ofCommit(files: Files, tree: string): Ground {
  return {
    read: (name) => {
      const read = files.readText(`${tree}/${name}`);
      return read.ok ? read.text : undefined;
    },
    files,
    below: [],
    written: new Map(),
    holds: () => true,
    hasRead: () => false,
  };
}

/** Reads as before, and remembers which files were asked for. */
function notingPaths(host: Host): { readonly files: Files; readonly paths: ReadonlySet<string> } {
  const paths = new Set<string>();
  const files: Files = {
    readText: (path) => {
      paths.add(path);
      return host.readText(path);
    },
    list: (path) => host.list(path),
  };
  return { files, paths };
}

function isSame(
  before: readonly PatchDocument[] | undefined,
  now: readonly PatchDocument[] | undefined,
): boolean {
  return (
    before?.length === now?.length &&
    (before ?? []).every(({ name, text }, i) => now![i]!.name === name && now![i]!.text === text)
  );
}

/** Texts that a series makes; undefined for files that it takes away. */
function writtenBy({ patches }: PatchSeries, read: ReadTree): Map<string, string | undefined> {
  const written = new Map<string, string | undefined>();
  const { files } = seriesChange(patches, read).whole;
  for (const gone of files.map(pathTakenAway)) if (gone !== undefined) written.set(gone, undefined);
  // Behind them: another file may have come to the path of one that went.
  for (const { after } of files) if (after !== undefined) written.set(after.path, after.text);
  return written;
}

/** Reads as before, and remembers what it read. */
function noting(read: ReadTree, reads: Map<string, string | undefined>): ReadTree {
  return (name) => {
    const found = read(name);
    reads.set(name, found);
    return found;
  };
}
