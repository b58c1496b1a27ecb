import assert from 'node:assert/strict';
import { profileOf } from './profiles.ts';
import { KconfigValues } from './kconfig.ts';

const FILES: Readonly<Record<string, string>> = {
  'drivers/x/y/Kconfig': `config X_DEPTH
	int "entries of a ring"
	depends on PCI
	range 16 4096
	default 64 if EMBEDDED
	default 256 if PCI
	default 512
	help
	  default 7 of the hardware is not what this says.

config X_NAME
	string "name"
	default "x"

menuconfig X_MASK
	hex "mask"
	default 0xff00
`,
  'drivers/Kconfig': `config X_BURST
	int
	range 8 64

config X_WINDOW
	int
	default 3 if EMBEDDED

config X_OPEN
	int "no default"
`,
};

function values(): KconfigValues {
  const read = (path: string): string | undefined => FILES[path];
  return new KconfigValues({ read }, 'drivers/x/y/z.c', profileOf('x86'));
}

describe('KconfigValues', () => {
  it('gives the first default whose condition holds in the profile', () => {
    const options = values();
    assert.equal(options.valueOf('X_DEPTH')?.value, '256');
    assert.equal(options.valueOf('X_MASK')?.value, '0xff00');
    assert.deepEqual(options.invented, []);
  });

  it('names what it has to assume, with the reason', () => {
    const options = values();
    assert.equal(options.valueOf('X_BURST')?.value, '8');
    assert.equal(options.valueOf('X_WINDOW')?.value, '3');
    assert.equal(options.valueOf('X_OPEN')?.value, '1');
    assert.deepEqual(
      options.invented.map(({ name, why }) => `${name}: ${why}`),
      [
        'X_BURST: lowest of its range in drivers/Kconfig',
        'X_WINDOW: first of the conditional defaults in drivers/Kconfig',
        'X_OPEN: drivers/Kconfig gives no default',
      ],
    );
  });

  it('knows nothing of options of other types, and of none that no file has', () => {
    const options = values();
    assert.equal(options.valueOf('X_NAME'), undefined);
    assert.equal(options.valueOf('X_DEPTHS'), undefined);
  });
});
