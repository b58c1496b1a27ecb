import type { FindingSteps, WirePosition, WireStep } from '../messages.ts';
import type { ShownInPatch } from './patchDiagnostics.ts';

/** The path of the introduced finding at a line of a patch, else of the first one; its steps are in the patched files. */
export function stepsInPatch(
  shown: readonly ShownInPatch[],
  position: WirePosition | null,
): FindingSteps | null {
  const hit =
    position === null
      ? shown[0]
      : shown.find(({ diagnostic: { range } }) => range.start.line === position.line);
  if (hit === undefined) return null;
  const { finding, diagnostic } = hit;
  // The first of them is the finding's own place, behind it come the steps.
  const [own, ...others] = diagnostic.relatedInformation ?? [];
  const steps = others.slice(0, finding.steps.length).map(({ location, message }): WireStep => ({
    ...location,
    message: message.replace(/^\d+\. /, ''),
  }));
  const end: WireStep[] = own === undefined ? [] : [{ ...own.location, message: finding.message }];
  const last = steps.at(-1);
  const arrives = last?.uri === end[0]?.uri && last?.range.start.line === end[0]?.range.start.line;
  return {
    rule: finding.rule,
    message: finding.message,
    range: diagnostic.range,
    steps: arrives ? steps : [...steps, ...end],
  };
}
