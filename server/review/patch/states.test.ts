import assert from 'node:assert/strict';
import { seriesChange } from '../../patch/applyPatch.ts';
import { parsePatches } from '../../patch/parseSeries.ts';
import { builtSyntax } from '../../syntax/builtSyntax.test.ts';
import { runSlices } from '../../text/slices.ts';
import { openStates, type SeriesStates } from './states.ts';

describe('the states of a series', () => {
  const driver = '#include "q.h"\nint size(void)\n{\n\treturn SIZE;\n}\n';
  const tree = new Map([
    ['q.h', '#define SIZE 1\n'],
    ['q.c', driver],
  ]);
  const header = (from: number, to: number): string =>
    `--- a/q.h\n+++ b/q.h\n@@ -1,1 +1,1 @@\n-#define SIZE ${from}\n+#define SIZE ${to}\n`;
  const added = '--- a/q.c\n+++ b/q.c\n@@ -5,1 +5,2 @@\n }\n+int more;\n';

  const statesOf = async (files: ReadonlyMap<string, string>): Promise<SeriesStates> => {
    const texts = [header(1, 2), added, header(2, 3)];
    const series = parsePatches(texts.map((text, i) => ({ name: String(i), text })));
    const change = seriesChange(series.patches, (name) => files.get(name));
    assert.ok(change.whole.problems.every(({ severity }) => severity === 'warning'));
    const base = {
      readText: (file: string) => {
        const text = files.get(file.replace('/src/', ''));
        return text === undefined
          ? { ok: false as const, problem: { file, reason: 'no such file' } }
          : { ok: true as const, text };
      },
    };
    const settings = { tree: '/src', kernel: undefined, selection: { rules: new Set<string>() } };
    return openStates(await builtSyntax(), base, change, settings);
  };
  const sizeIn = (states: SeriesStates, patches: number, text: string): string | undefined => {
    const [reading] = states.known(patches, 'q.c', text) ?? runSlices(states.read(patches, 'q.c', text)); // prettier-ignore
    assert.equal(reading?.text, text);
    return reading.unit.names.macro('SIZE')?.body;
  };

  it('show headers as they are at the side that is asked for, in any order', async () => {
    const states = await statesOf(tree);
    const after = `${driver}int more;\n`;
    assert.deepEqual(
      [3, 0, 1, 2, 0].map((at) => sizeIn(states, at, at < 2 ? driver : after)?.trim()),
      ['3', '1', '2', '2', '1'],
    );
  });

  it('know what was read, until a header is another one', async () => {
    const states = await statesOf(tree);
    assert.equal(states.known(1, 'q.c', driver), undefined);
    const read = runSlices(states.read(1, 'q.c', driver));
    assert.ok(states.known(1, 'q.c', driver) === read);
    runSlices(states.read(2, 'q.c', `${driver}int more;\n`));
    assert.ok(states.known(1, 'q.c', driver) === read, 'the header stayed');
    runSlices(states.read(3, 'q.c', `${driver}int more;\n`));
    assert.equal(states.known(1, 'q.c', driver), undefined);
  });

  it('show a tree that has a patch already without it', async () => {
    const states = await statesOf(new Map([...tree, ['q.h', '#define SIZE 2\n']]));
    assert.deepEqual(
      [0, 1].map((at) => sizeIn(states, at, driver)?.trim()),
      ['1', '2'],
    );
  });
});
