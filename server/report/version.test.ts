import assert from 'node:assert/strict';
import fs from 'node:fs';
import { version } from './version.ts';

describe('version', () => {
  it('is the one of package.json', () => {
    const manifest = JSON.parse(fs.readFileSync('package.json', 'utf8')) as { version: string };
    assert.equal(version, manifest.version);
  });
});
