import type { Host } from '../../host/host.ts';
import { overlayHost } from '../../host/overlayHost.ts';
import { treeReader } from '../../host/treeReader.ts';
import { seriesChange } from '../../patch/applyPatch.ts';
import { pathTakenAway, type ReadTree } from '../../patch/change.ts';
import type { PatchSeries } from '../../patch/patch.ts';
import type { Files } from '../../review/files.ts';
import { overlayOf } from '../../review/patch/overlay.ts';
import { pathOfUri } from '../places.ts';
import type { OpenDocument } from '../workspace.ts';
import { originOf } from './origin.ts';
import { predecessorsOf } from './predecessors.ts';

/** Where files come from. */
export interface GroundAround {
  readonly host: Host;
  readonly documents: { all(): readonly OpenDocument[] };
  /** The files of a commit of the repository at a folder; undefined where git may not be started. */
  filesAt(folder: string, commit: string): Files | undefined;
}

/** What a patch document is applied to. */
export interface Ground {
  /** Reads below the tree; what it read is in `reads`. */
  readonly read: ReadTree;
  /** The whole tree, where it is not as on disk and in the editor. */
  readonly files: Files | undefined;
  readonly reads: ReadonlyMap<string, string | undefined>;
  /** Names of the documents beside this one that were applied first. */
  readonly below: readonly string[];
}

/** The grounds of all documents. */
export interface Grounds {
  of(uri: string, series: PatchSeries, tree: string): Ground;
  /** Whether everything that was read is still so. */
  holds(uri: string, tree: string, reads: Ground['reads']): boolean;
  /** The files below a tree as the editor shows them. */
  asInEditor(tree: string): ReadTree;
}

/** Knows the files on disk, those of the editor, and those of the commits that patches were made from. */
export function createGrounds(around: GroundAround): Grounds {
  // A commit does not change: what it holds is read once.
  const commits = new Map<string, Files | undefined>();

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
    if (folder === undefined || base === undefined) return undefined;
    const key = `${base} ${folder}`;
    if (!commits.has(key)) commits.set(key, around.filesAt(folder, base));
    return commits.get(key);
  };
  const readerOf = (uri: string, tree: string): ReadTree => {
    const base = baseOf(uri);
    if (base === undefined) return asInEditor(tree);
    return (name) => {
      const read = base.readText(`${tree}/${name}`);
      return read.ok ? read.text : undefined;
    };
  };

  return {
    asInEditor,
    of: (uri, series, tree) => {
      const reads = new Map<string, string | undefined>();
      const read = noting(readerOf(uri, tree), reads);
      const below = predecessorsOf(uri, series, around.host);
      if (below === undefined) return { read, files: baseOf(uri), reads, below: [] };
      const written = writtenBy(below, read);
      const files = overlayOf(editorHost(), tree);
      for (const [name, text] of written) files.set(name, text);
      return {
        read: (name) => (written.has(name) ? written.get(name) : read(name)),
        files,
        reads,
        below: below.patches.map(({ document }) => document),
      };
    },
    holds: (uri, tree, reads) => {
      const read = readerOf(uri, tree);
      return [...reads].every(([name, text]) => read(name) === text);
    },
  };
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
