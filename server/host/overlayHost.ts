import type { Host } from './host.ts';

/** A host on which some files have the text of an open editor instead of what is on disk. */
export function overlayHost(base: Host, texts: ReadonlyMap<string, string>): Host {
  return {
    ...base,
    readText: (path) => {
      const text = texts.get(path);
      return text === undefined ? base.readText(path) : { ok: true, text, lossy: false };
    },
    readBytes: (path) => {
      const text = texts.get(path);
      return text === undefined ? base.readBytes(path) : new TextEncoder().encode(text);
    },
    kind: (path) => (texts.has(path) ? 'file' : base.kind(path)),
  };
}
