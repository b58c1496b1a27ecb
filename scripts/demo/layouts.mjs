// Layouts of user memory: the eight of the demonstration, and those of a file (both shapes of its schema).
import fs from 'node:fs';

const RAM = (pages, pfn = 0x1000) => ({ kind: 'ram', pages, pfn });
const MMIO = (pages, pfn = 0xfe000) => ({ kind: 'mmio', pages, pfn });
const RESERVED = (pages, pfn = 0x100) => ({ kind: 'rsvdram', pages, pfn });

/** What a VFIO mapping may cover. */
export const LAYOUTS = [
  { id: 'RAM', segments: [RAM(4)] },
  { id: 'MMIO', segments: [MMIO(4)] },
  { id: 'RAM, MMIO', segments: [RAM(4), MMIO(4)] },
  { id: 'MMIO, RAM', segments: [MMIO(4), RAM(4)] },
  { id: 'RAM, MMIO, RAM', segments: [RAM(2), MMIO(2), RAM(2, 0x3000)] },
  { id: 'MMIO, RAM, MMIO', segments: [MMIO(2), RAM(2), MMIO(2, 0xff000)] },
  { id: 'MMIO, reserved RAM', segments: [MMIO(2), RESERVED(2)] },
  { id: 'RAM, MMIO, RAM, MMIO', segments: [RAM(1), MMIO(1), RAM(1, 0x3000), MMIO(1, 0xff000)] },
];

/** The layouts of a file with their expected outcomes; the text of what is wrong with it otherwise. */
export function layoutsOf(file) {
  let data;
  try {
    data = JSON.parse(fs.readFileSync(file, 'utf8'));
  } catch (error) {
    return `${file}: ${error.message}`;
  }
  const layouts = Array.isArray(data)
    ? data.map(({ id, segs, outcomes }) => ({ id, segments: segs, outcomes }))
    : Object.entries(data.segments ?? {}).map(([id, segments]) => ({
        ...{ id, segments, outcomes: data.outcomes?.[id] },
      }));
  const wrong = layouts.find(({ segments, outcomes }) => !isLayout(segments) || !outcomes);
  if (layouts.length === 0) return `${file}: no layouts in it`;
  if (wrong !== undefined) return `${file}: layout ${wrong.id} has no segments or no outcomes`;
  return layouts;
}

function isLayout(segments) {
  const kinds = ['ram', 'mmio', 'rsvdram'];
  return (
    Array.isArray(segments) &&
    segments.length > 0 &&
    segments.every(
      ({ kind, pages, pfn }) =>
        kinds.includes(kind) && Number.isInteger(pages) && pages > 0 && Number.isInteger(pfn),
    )
  );
}
