import assert from 'node:assert/strict';
import { createProgram } from '../../program/program.ts';
import { builtSyntax } from '../../syntax/builtSyntax.test.ts';
import type { Syntax } from '../../syntax/syntax.ts';
import { analyzeUnit } from '../analyze.ts';

describe('the way out of a leak', () => {
  let syntax: Syntax;

  before(async () => {
    syntax = await builtSyntax();
  });

  /** A function with one leaking exit; the label that it could take, or undefined. */
  const labelFor = (exit: string, ending: string, more = ''): string | undefined => {
    const text = `static int f(struct device *dev, void *buf, size_t len, struct obj *o)
{
	dma_addr_t dma;
	int ret;
${more}
	dma = dma_map_single(dev, buf, len, DMA_TO_DEVICE);
	if (dma_mapping_error(dev, dma))
		return -ENOMEM;
	${exit}
	ret = start(o, dma);
${ending}
}
`;
    const unit = createProgram({ parsing: syntax }).unit('f.c', syntax.parse('f.c', text).value);
    const { leaks } = analyzeUnit(unit, { text }).facts;
    assert.equal(leaks.length, 1, 'the exit leaks');
    return leaks[0]!.wayOut?.label;
  };

  const exit = 'if (o->busy)\n\t\treturn -EIO;';
  const unmap = '\tdma_unmap_single(dev, dma, len, DMA_TO_DEVICE);';

  it('is a label behind which exactly that is released', () => {
    assert.equal(labelFor(exit, `out:\n${unmap}\n\treturn ret;`), 'out');
    assert.equal(labelFor(exit, `out:\n\tdev_dbg(dev, "x");\n${unmap}\n\treturn ret;`), 'out');
    assert.equal(labelFor(exit, `fail:\n${unmap}\nout:\n\treturn ret;`), 'fail');
  });

  it('is none where the label does more', () => {
    for (const more of [
      '\tmutex_unlock(&o->lock);',
      '\tpci_disable_device(o->pdev);',
      '\tkfree(o->ring);',
      '\tdma_unmap_single(dev, o->other, len, DMA_TO_DEVICE);',
      '\tfinish(o);',
    ]) {
      assert.equal(labelFor(exit, `out:\n${unmap}\n${more}\n\treturn ret;`), undefined, more);
    }
  });

  it('is none where the label does less, or not on every path', () => {
    assert.equal(labelFor(exit, `${unmap}\nout:\n\treturn ret;`), undefined);
    assert.equal(labelFor(exit, `out:\n\tif (o->mapped)\n\t${unmap}\n\treturn ret;`), undefined);
    const tested = `out:\n\tif (ret < 0)\n\t${unmap}\n\treturn ret;`;
    assert.equal(labelFor(exit, tested), 'out', 'what the result decides is decided');
  });

  it('is none where another value is returned', () => {
    assert.equal(labelFor(exit, `out:\n${unmap}\n\treturn 0;`), undefined);
    assert.equal(labelFor(exit, `out:\n${unmap}\n\tret = 0;\n\treturn ret;`), undefined);
    assert.equal(labelFor(exit, `out:\n${unmap}\n\treturn -EIO;`), 'out');
  });

  it('is none where a jump would skip or run clean-ups of a scope', () => {
    assert.equal(
      labelFor(exit, `out:\n${unmap}\n\treturn ret;`, '\tguard(mutex)(&o->lock);'),
      undefined,
    );
  });

  it('is none where the unmap names another size', () => {
    const other = '\tdma_unmap_single(dev, dma, 16, DMA_TO_DEVICE);';
    assert.equal(labelFor('if (len > 64)\n\t\treturn -EIO;', `out:\n${other}\n\treturn ret;`), undefined); // prettier-ignore
  });

  it('is none where the exit stands on one line with its condition and needs a second statement', () => {
    assert.equal(labelFor('if (o->busy) return -EIO;', `out:\n${unmap}\n\treturn ret;`), undefined);
    assert.equal(labelFor('if (o->busy) return -EIO;', `out:\n${unmap}\n\treturn -EIO;`), 'out');
  });
});
