import type { Files } from '../files.ts';

/** A tree in which some files have another text, or are gone; nothing is written. */
export interface TreeOverlay extends Files {
  /** Sets the text of a file below the root; undefined: the file is gone. */
  set(path: string, text: string | undefined): void;
}

/** Lays texts over the files below a root. */
export function overlayOf(base: Files, root: string): TreeOverlay {
  const texts = new Map<string, string | undefined>();
  return {
    set: (path, text) => texts.set(`${root}/${path}`, text),
    readText: (path) => {
      if (!texts.has(path)) return base.readText(path);
      const text = texts.get(path);
      return text === undefined
        ? { ok: false, problem: { file: path, reason: 'the patch deletes it' } }
        : { ok: true, text };
    },
    list: (path) => {
      const entries = new Map(base.list?.(path)?.map((entry) => [entry.name, entry]));
      for (const [file, text] of texts) {
        if (!file.startsWith(`${path}/`)) continue;
        const [name, ...below] = file.slice(path.length + 1).split('/') as [string, ...string[]];
        if (below.length > 0) {
          if (text !== undefined && !entries.has(name)) entries.set(name, { name, kind: 'folder' });
        } else if (text === undefined) entries.delete(name);
        else if (!entries.has(name)) entries.set(name, { name, kind: 'file' });
      }
      return entries.size === 0 && base.list?.(path) === undefined
        ? undefined
        : [...entries.values()];
    },
  };
}

/** Files of which there are none. */
export const noFiles: Files = {
  readText: (path) => ({ ok: false, problem: { file: path, reason: 'no kernel tree' } }),
};
