import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { grammarFolder, root } from './load.ts';

describe('what is generated from the grammar', () => {
  it('is up to date: numbers of kinds and fields', () => {
    const script = path.join(root, 'scripts/grammar/kinds.mjs');
    const { status, stderr } = spawnSync(process.execPath, [script, '--check'], {
      encoding: 'utf8',
    });
    assert.equal(status, 0, stderr);
  });

  it('has the checksum that is committed with it', () => {
    const wasm = fs.readFileSync(path.join(grammarFolder, 'dist/kernel-c.wasm'));
    const sum = createHash('sha256').update(wasm).digest('hex');
    const committed = fs.readFileSync(path.join(grammarFolder, 'dist/SHA256SUMS'), 'utf8');
    assert.equal(committed, `${sum}  kernel-c.wasm\n`);
  });

  it('has at most 800 lexer states: above, the wasm takes minutes to build', () => {
    const parser = fs.readFileSync(path.join(grammarFolder, 'src/parser.c'), 'utf8');
    const begin = parser.indexOf('static bool ts_lex(');
    const end = parser.indexOf('static bool ts_lex_keywords(');
    assert.ok(begin > 0 && end > begin);
    const states = parser.slice(begin, end).match(/^ {4}case \d+:$/gm)!.length;
    assert.ok(states > 100 && states <= 800, `${states} lexer states`);
  });
});
