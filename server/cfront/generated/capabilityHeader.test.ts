import assert from 'node:assert/strict';
import { capabilityHeader } from './capabilityHeader.ts';

describe('capabilityHeader', () => {
  it('numbers what is listed, and counts it', () => {
    assert.equal(
      capabilityHeader('# a comment\n\nHAS_ONE\nHAS_TWO # unreliable\n'),
      '#define ARM64_HAS_ONE 0\n#define ARM64_HAS_TWO 1\n#define ARM64_NCAPS 2\n',
    );
  });
});
