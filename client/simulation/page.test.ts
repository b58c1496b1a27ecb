import assert from 'node:assert/strict';
import { panelPage, waitingPage } from './page.ts';

describe('the page of a simulation in a panel', () => {
  const view = JSON.stringify({ subject: '</script><script>alert(1)</script>' });
  const page = panelPage({
    ...{ script: 'https://file/view.js', style: 'https://file/view.css', source: 'https://file' },
    ...{ nonce: 'abc123', view },
  });

  it('runs nothing but its own script, and loads nothing but its own files', () => {
    assert.match(
      page,
      /content="default-src 'none'; style-src https:\/\/file; script-src 'nonce-abc123'"/,
    );
    assert.doesNotMatch(page, /unsafe-|connect-src|img-src/);
    assert.deepEqual(
      [...page.matchAll(/(?:src|href)="([^"]*)"/g)].map(([, address]) => address),
      ['https://file/view.css', 'https://file/view.js'],
    );
  });

  it('holds the data so that no text in it can become markup', () => {
    assert.equal(page.match(/<script/g)!.length, 2);
    const data = /id="data"[^>]*>([^<]*)</.exec(page)![1]!;
    assert.deepEqual(JSON.parse(data), JSON.parse(view));
  });
});

describe('the page that waits for a simulation', () => {
  it('runs and loads nothing', () => {
    assert.match(waitingPage(), /content="default-src 'none'"/);
    assert.doesNotMatch(waitingPage(), /<script|src=|href=/);
  });
});
