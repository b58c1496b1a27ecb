import assert from 'node:assert/strict';
import { registerHeader } from './registerHeader.ts';
import { unitOf } from '../../../tests/simulate/smallMachine.ts';

const DESCRIPTION = `<?xml version="1.0"?>
<database>
<import file="common.xml"/>
<!-- <reg32 offset="0" name="NOT_THIS"/> -->
<enum name="mode"><value name="OFF" value="0"/><value name="ON" value="4"/><value name="MORE"/></enum>
<domain name="UNIT" width="32">
  <bitset name="shared" inline="yes"><bitfield name="EN" pos="3" type="boolean"/><bitfield name="MODE" low="4" high="6" type="mode"/></bitset>
  <reg32 offset="0x10" name="CTRL" type="shared"/>
  <reg32 offset="0x20" name="LEN"><bitfield name="PAGES" low="8" high="31" shr="12" type="uint"/></reg32>
  <reg64 offset="0x30" name="BASE"/>
  <array offset="0x100" name="CH" stride="0x40" length="4">
    <reg32 offset="0x4" name="ADDR"/>
  </array>
  <array doffsets="cfg->base[0],cfg->base[1]" name="LM" stride="0x400" length="2"><reg32 offset="0x8" name="OUT" type="imported"/></array>
</domain>
</database>`;
const COMMON =
  '<database><bitset name="imported" inline="yes"><bitfield name="LAST" pos="31"/></bitset></database>';

describe('registerHeader', () => {
  const header = registerHeader(DESCRIPTION, (file) =>
    file === 'common.xml' ? COMMON : undefined,
  );
  const unit = unitOf(`static struct { unsigned int base[2]; } *cfg;\n${header}`);
  const constant = (text: string): number | bigint => {
    const value = unit.expression(text);
    assert.ok(!(value instanceof Error) && value.op === 'number', text);
    return value.value;
  };

  it('gives offsets, masks, shifts and enumerations', () => {
    assert.equal(constant('REG_UNIT_CTRL'), 0x10);
    assert.equal(constant('UNIT_CTRL_EN'), 8);
    assert.equal(constant('UNIT_CTRL_MODE__MASK'), 0x70);
    assert.equal(constant('UNIT_CTRL_MODE__SHIFT'), 4);
    assert.equal(constant('MORE'), 5);
    assert.equal(constant('UNIT_LM_OUT_LAST'), 2147483648);
  });

  it('makes functions of indexed registers, and listed offsets what they are in the C around them', () => {
    for (const name of ['REG_UNIT_CH_ADDR', 'REG_UNIT_LM_OUT', 'UNIT_LEN_PAGES', 'UNIT_BASE_LO']) {
      assert.ok(unit.function(name)?.body !== undefined, name);
      assert.ok(!(unit.bodyOf(unit.function(name)!) instanceof Error), name);
    }
  });

  it('leaves out what is commented out', () => {
    assert.ok(!header.includes('NOT_THIS'));
  });
});
