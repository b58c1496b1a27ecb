import assert from 'node:assert/strict';
import { machineFor } from '../../../tests/simulate/smallMachine.ts';
import type { TraceEvent } from '../machine/executor.ts';

/** What C prints. */
function printed(call: string): string {
  const machine = machineFor(`int printk(const char *fmt, ...); void f(void) { ${call}; }`);
  const said: TraceEvent[] = [];
  machine.record = (event) => {
    said.push(event);
  };
  machine.call('f', []);
  return said.map((event) => ('text' in event ? event.text : '')).join();
}

describe('kernel messages', () => {
  it('show numbers in the width of their directive', () => {
    assert.equal(printed('printk("rc:0x%x", -12)'), 'rc:0xfffffff4');
    assert.equal(printed('printk("%u %hhx", -1, 0x1ff)'), '4294967295 ff');
    assert.equal(printed('printk("%lx", -1L)'), 'ffffffffffffffff');
    assert.equal(printed('printk("%d", -12)'), '-12');
  });

  it('keep what follows a directive, and the kinds of pointers with it', () => {
    assert.equal(printed('printk("%dms of %s", 5, "ten")'), '5ms of ten');
    assert.equal(printed('printk("at %pad!", (void *)64)'), 'at 0x40!');
  });
});
