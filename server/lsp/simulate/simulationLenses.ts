import type { CodeLens } from 'vscode-languageserver/node';
import { lineRange } from '../patch/lines.ts';
import type { PatchAnswer } from '../patch/patches.ts';
import type { SimulateParams } from '../messages.ts';
import { linesOf } from './scope.ts';
import { headlineOf, type KeptSimulation } from './simulations.ts';

/** Above each patch and hunk the command that runs it, and after a run what it showed. Commands of the VS Code client. */
export function simulationLenses(
  { uri, lines, series, change }: PatchAnswer,
  kept: readonly KeptSimulation[],
): CodeLens[] {
  return series.patches.flatMap((patch, index) => {
    const sources = patch.files.filter(({ newPath }) => newPath?.endsWith('.c') === true);
    if (sources.length === 0) return [];
    const whole = kept.findLast(
      (each) => each.only === undefined && (each.patch === index || each.patch === null),
    );
    const hunks = sources.flatMap((file) =>
      file.hunks.map((hunk): CodeLens => {
        const only = linesOf(hunk, patch.document, change.patches[index]);
        const own = kept.findLast(
          (each) =>
            each.patch === index &&
            each.only?.path === only?.path &&
            each.only?.first === only?.first &&
            each.only?.last === only?.last,
        );
        const title = 'Simulate this hunk';
        return lens(lines, hunk.line, own, { title, params: { uri, scope: 'hunk', line: hunk.line - 1 } }); // prettier-ignore
      }),
    );
    const params = { uri, scope: 'patch', line: patch.line - 1 } as const;
    return [lens(lines, patch.line, whole, { title: 'Simulate', params }), ...hunks];
  });
}

/** What a lens offers before a run. */
interface Offer {
  readonly title: string;
  readonly params: SimulateParams;
}

/** The offer, or what came of it: `newly broken: C-LEAK · Show`. */
export function lens(
  lines: readonly string[],
  line: number,
  kept: KeptSimulation | undefined,
  { title, params }: Offer,
): CodeLens {
  const command =
    kept === undefined
      ? { title, command: 'iovet.simulate', arguments: [params] }
      : {
          title: `${headlineOf(kept.simulation, kept.sides)} · Show`,
          command: 'iovet.showSimulation',
          arguments: [kept.id],
        };
  return { range: lineRange(lines, line), command };
}
