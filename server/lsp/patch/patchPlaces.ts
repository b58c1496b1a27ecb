import type { ChangedFile, SeriesChange } from '../../patch/change.ts';
import { SIDE_SCHEME, type SideParams } from '../messages.ts';

/** URI of the read-only document that holds one side of a patched file. */
export function sideUri(params: SideParams): string {
  const path = params.path.split('/').map(encodeURIComponent).join('/');
  return `${SIDE_SCHEME}:/${path}?${encodeURIComponent(JSON.stringify(params))}`;
}

/** The file of one patch of the series, or of the whole series for null, by its path on either side. */
export function changedFile(
  change: SeriesChange,
  patch: number | null,
  path: string,
): ChangedFile | undefined {
  const { files } = (patch === null ? change.whole : change.patches[patch]) ?? { files: [] };
  // A copy has the path of its source, which may be changed itself.
  const itself = files.find(({ after }) => after?.path === path);
  return itself ?? files.find(({ before }) => before?.path === path);
}
