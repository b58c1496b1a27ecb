import assert from 'node:assert/strict';
import { pullClient, type TestClient } from '../../../tests/lsp/client.ts';
import {
  driver,
  mbox,
  messageOf,
  driverOnly,
  startPatchServer,
  uri,
} from '../../../tests/lsp/patchServer.ts';
import { REVIEW_SERIES, type WireSeries } from '../messages.ts';

describe('what patches rest on in the language server', () => {
  let client: TestClient;

  const start = (files?: ReadonlyMap<string, string>): void => {
    ({ client } = startPatchServer(files));
  };

  afterEach(() => {
    client.connection.dispose();
  });

  it('applies the last patch of a series on top of those beside it, and says so; alone it does not fit', async () => {
    const mails = mbox.split(/^(?=From [0-9a-f]{40} )/m);
    const beside = (name: string, i: number): [string, string] => [`/src/mails/${name}`, mails[i]!];
    const last = 'file:///src/mails/v2-0003-mark.patch';
    start(
      new Map([...driverOnly, beside('v2-0001-add.patch', 1), beside('v2-0002-tidy.patch', 2)]),
    );
    await client.initialize(pullClient, { ui: true });
    client.open(last, mails[3]!);
    assert.deepEqual(await client.pull(last), []);
    const series = await client.connection.sendRequest<WireSeries>(REVIEW_SERIES, { uri: last });
    assert.equal(series.fixed, 1);
    assert.equal(
      series.patches[0]!.notes[0]!.text,
      'applied on top of v2-0001-add.patch, v2-0002-tidy.patch',
    );
    client.connection.dispose();
    start(new Map([...driverOnly, beside('0001-other.patch', 1), beside('v2-0002-tidy.patch', 2)]));
    await client.initialize(pullClient, { ui: true });
    client.open(last, mails[3]!);
    assert.match(messageOf((await client.pull(last))[0]!.message), /does not apply/);
  });

  it('is reviewed anew when what it rests on is saved or given up, or a patch before it changes', async () => {
    const header = 'include/linux/sizes.h';
    const sizes = '#define SZ_4K 0x1000\n';
    const mails = mbox.split(/^(?=From [0-9a-f]{40} )/m).map((mail) => mail.replace('/3]', '/2]'));
    const first = 'file:///src/mails/v2-0001-add.patch';
    const last = 'file:///src/mails/v2-0002-tidy.patch';
    const disk = new Map([
      ...driverOnly,
      [`/src/${header}`, sizes],
      ['/src/mails/v2-0001-add.patch', mails[1]!],
    ]);
    start(disk);
    await client.initialize(pullClient, { ui: true });
    client.open(last, mails[2]!);
    const answer = async (): Promise<[string | undefined, string[]]> => {
      const report = await client.connection.sendRequest<{ resultId?: string }>(
        'textDocument/diagnostic',
        { textDocument: { uri: last } },
      );
      const series = await client.connection.sendRequest<WireSeries>(REVIEW_SERIES, { uri: last });
      return [report.resultId, series.patches[0]!.notes.map(({ text }) => text)];
    };
    const [begun, notes] = await answer();
    assert.equal(notes[0], 'applied on top of v2-0001-add.patch');
    const open = `file:///src/${header}`;
    client.open(open, sizes);
    client.replace(open, `// typed\n${sizes}`);
    assert.equal((await answer())[0], begun, 'not with every letter');
    disk.set(`/src/${header}`, `// typed\n${sizes}`);
    await client.connection.sendNotification('textDocument/didSave', { textDocument: { uri: open } }); // prettier-ignore
    const [saved] = await answer();
    assert.notEqual(saved, begun);
    client.replace(open, `// other\n${sizes}`);
    client.close(open);
    const [closed] = await answer();
    assert.notEqual(closed, saved);
    client.open(open, `// typed\n${sizes}`);
    client.close(open);
    assert.equal((await answer())[0], closed, 'nothing was given up');
    client.open(first, mails[1]!.replace('1/2]', '1/9]'));
    assert.notEqual((await answer())[0], closed);
    assert.ok(!(await answer())[1].includes('applied on top of v2-0001-add.patch'));
    client.close(first);
    assert.equal((await answer())[1][0], 'applied on top of v2-0001-add.patch');
  });

  it('finds the source of a copy that an earlier patch of the series made', async () => {
    const head = (number: number): string =>
      `From: A <a@example.org>\nSubject: [PATCH ${number}/2] x\n\n---\n`;
    const twin = `diff --git a/${driver} b/twin.c\ncopy from ${driver}\ncopy to twin.c\n`;
    const first = `${head(1)}${twin}-- \n2.0\n`;
    const second = `${head(2)}${mbox.slice(mbox.indexOf(`--- a/${driver}`), mbox.indexOf('\n-- \n', mbox.indexOf('@@')))}\n-- \n2.0\n`;
    start(new Map([...driverOnly, ['/src/mails/0001-copy.patch', first]]));
    await client.initialize(pullClient, { ui: true });
    const last = 'file:///src/mails/0002-change.patch';
    client.open(last, second);
    assert.deepEqual(
      (await client.pull(last)).map(({ code }) => code),
      ['iommu-mmio-missing'],
    );
    client.open(uri, `${first}\n${second}`.replaceAll('From: A', `From ${'0'.repeat(40)} Mon Sep 17 00:00:00 2001\nFrom: A`)); // prettier-ignore
    assert.deepEqual(
      (await client.pull(uri)).map(({ code }) => code),
      ['iommu-mmio-missing'],
    );
  });
});
